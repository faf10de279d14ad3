"""Runs rendered Kubernetes objects as local processes, with a network of their own."""
