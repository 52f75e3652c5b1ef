#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Guests that crash, hang or never start, and what the watcher makes of them.
exec "${B:-build}/guest-check" "${KERNEL:-debian-6.1}"
