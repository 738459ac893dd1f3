/* What can be set in SQLite only before its first use, and only through a variadic function, which Swift cannot call. */
#ifndef CSQLITE_SETTINGS_H
#define CSQLITE_SETTINGS_H

/* Stops SQLite from counting the bytes it allocates: the count costs a process-wide lock at every allocation, and nobody asks for it.
   Returns SQLite's result code; 21 (misuse) when SQLite is in use already, which changes nothing. */
int careloop_sqlite_stop_counting_memory(void);

#endif
