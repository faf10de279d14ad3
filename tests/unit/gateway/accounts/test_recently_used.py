from gateway.accounts.recently_used import RecentlyUsed


def test_the_least_recently_used_item_makes_room() -> None:
    items: RecentlyUsed[str, int] = RecentlyUsed(2)
    items.put("a", 1)
    items.put("b", 2)
    assert items.get("a") == 1

    items.put("c", 3)

    assert len(items) == 2
    assert [items.get(key) for key in "abc"] == [1, None, 3]


def test_an_item_put_again_is_replaced_and_the_latest() -> None:
    items: RecentlyUsed[str, int] = RecentlyUsed(2)
    items.put("a", 1)
    items.put("b", 2)

    items.put("a", 3)
    items.put("c", 4)

    assert [items.get(key) for key in "abc"] == [3, None, 4]


def test_an_item_dropped_is_gone_and_may_be_dropped_again() -> None:
    items: RecentlyUsed[str, int] = RecentlyUsed(2)
    items.put("a", 1)

    items.drop("a")
    items.drop("a")

    assert items.get("a") is None
    assert len(items) == 0
