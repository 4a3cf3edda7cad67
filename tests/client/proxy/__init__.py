"""Tests of the proxy for browsers."""
