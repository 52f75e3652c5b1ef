/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was found out about this machine and holds until it boots again: kept in the cache, a file
 * each. Without a cache it is found out anew, and nothing is lost.
 */
#ifndef KRSI_KNOWN_H
#define KRSI_KNOWN_H

/** known_boot - what tells this boot of the machine from all others (free() it); NULL: unknown. */
char *known_boot(void);

/**
 * known_get - what was kept under @name.
 * @name: the file's name in the cache.
 * @key: one line; what the value holds for. NULL finds nothing.
 * Return: the value, one line (free() it), or NULL if there is none for this key.
 */
char *known_get(const char *name, const char *key);

/** known_put - keep @value, one line, for known_get(); it takes the place of the one before. */
void known_put(const char *name, const char *key, const char *value);

#endif
