// An outbox in C, with SQLite's own interface.
// gcc -Wall -Wextra 29-outbox.c -lsqlite3 && ./a.out
#include <sqlite3.h>
#include <stdio.h>

static int run(sqlite3 *db, const char *sql) { return sqlite3_exec(db, sql, NULL, NULL, NULL); }

static int insert(sqlite3 *db, const char *sql, int order, const char *text) {
    sqlite3_stmt *statement;
    int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (result != SQLITE_OK)
        return result;
    sqlite3_bind_int(statement, 1, order);
    sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
    sqlite3_step(statement);
    return sqlite3_finalize(statement); // the error of the step, if there was one
}

// ANCHOR: outbox
int place_order(sqlite3 *db, int order) {
    int result = run(db, "BEGIN IMMEDIATE");
    if (result != SQLITE_OK)
        return result;
    result = insert(db, "INSERT INTO orders (id, item) VALUES (?1, ?2)", order, "lamp");
    if (result == SQLITE_OK)
        result = insert(db, "INSERT INTO outbox (id, body) VALUES ('order-' || ?1 || '-placed', ?2)",
                        order, "a lamp");
    if (result == SQLITE_OK)
        result = run(db, "COMMIT");
    if (result != SQLITE_OK)
        run(db, "ROLLBACK"); // on each way out, or the transaction stays open
    return result;           // which nobody has to look at
}
// ANCHOR_END: outbox

static int print(void *unused, int columns, char **values, char **names) {
    (void)unused, (void)columns, (void)names;
    printf("%s orders, %s rows in the outbox\n", values[0], values[1]);
    return 0;
}

int main(void) {
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return 1;
    run(db, "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT);"
            "CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, body TEXT)");
    printf("order 1: %s\n", sqlite3_errstr(place_order(db, 1)));
    printf("order 1 again: %s\n", sqlite3_errstr(place_order(db, 1)));
    printf("order 2: %s\n", sqlite3_errstr(place_order(db, 2)));
    sqlite3_exec(db, "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM outbox)", print, NULL, NULL);
    return sqlite3_close(db);
}
