#!/usr/bin/env python3
"""Turns x.sql (named statements) into x_sql.h (typed C calls)."""
