// Runs before the page is painted, so that a theme chosen earlier does not flash in late.
(() => {
  const root = document.documentElement;

  const stored = () => {
    try {
      return localStorage.getItem("mattebox.theme");
    } catch {
      return null; // storage is blocked: the system's theme it is
    }
  };

  const chosen = stored();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  document.addEventListener("DOMContentLoaded", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const button = document.getElementById("theme");
    const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
    const label = () => {
      const next = isDark() ? "light" : "dark";
      button.setAttribute("aria-label", `Use the ${next} theme`);
      button.title = `Use the ${next} theme`;
    };

    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("mattebox.theme", root.dataset.theme);
      } catch {
        // as above: it holds until the page is left
      }
      label();
    });
    dark.addEventListener("change", label);
    label();
  });
})();
