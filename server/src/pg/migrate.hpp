// Forward-only migrations. server/migrations/NNNN-name/{up,after}.sql are embedded in the program at build
// time.
//
// One session at a time migrates (advisory lock). Each migration is one transaction: up.sql, then after.sql,
// each of whose statements answers rows (name text, holds boolean); any that does not hold takes the
// migration back. Applied migrations are known by name and by the SHA-256 of their up.sql: a changed one is
// refused, and so is a database that is ahead of this program. Blocking: for start-up, commands and tests.
// Errors: `migration_error`, whose text says what to do about it.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace astrotalk::pg {

struct migration {
    const char* name;
    const char* up;
    const char* after;
};

struct migration_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The embedded ones, in order.
std::span<const migration> migrations();

// Applies what is pending and gives the names applied, in order.
std::vector<std::string> migrate(const std::string& url, std::span<const migration> all = migrations());

// The names of what `migrate` would apply. Changes nothing.
std::vector<std::string> pending(const std::string& url, std::span<const migration> all = migrations());

}  // namespace astrotalk::pg
