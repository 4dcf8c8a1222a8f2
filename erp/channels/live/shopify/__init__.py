"""Shopify, by its Admin GraphQL API and its webhooks."""
