"""What facts mean for a start of Mattebox. Pure: each check is a function of facts."""
