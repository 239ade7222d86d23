// A named SQL statement. Made by tools/embed_sql from a queries.sql.
#pragma once

namespace astrotalk::pg {

// `name` is "<feature>.<statement>": it is the prepared statement's name and labels logs, metrics and traces.
// Everything in it lives as long as the program. Two statements of one name are the same statement.
struct statement {
    const char* name;
    const char* sql;
    int parameters;
};

}  // namespace astrotalk::pg
