"""Channels over REST: accounts, listings, exports, orders in, and what they may sell."""
