"""The papers of trade as PDF."""
