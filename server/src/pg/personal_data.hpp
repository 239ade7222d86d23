// What a folder keeps about people: one declaration for each kind of data, as named statements of that
// folder. This header is all that a feature needs to register; docs/privacy.md shows it done.
//
// A folder has a function `pg::personal_data personal_data()`, and the composition root gathers them
// (personal_data.cpp). personal_data_pgtest walks the schema and fails for a column that looks personal and
// is neither in a class nor said to be impersonal. Everything here lives as long as the program.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "pg/statement.hpp"

namespace astrotalk::pg {

// For how long, and what an erasure does with it.
enum class retention : std::uint8_t {
    account,    // while the account is open; then for the year of the law, in the tombstone
    traffic,    // as long after what it tells of; an erasure moves it into the tombstone
    log,        // as long after what it tells of, in its place: it names people by their id only
    money,      // as tax law says; it names people by their id only, who are nobody once erased
    transient,  // a day or so after its use, cleaned by a duty of the folder
    promised,   // until an instant that was said when it was made
    proof,      // as long as there is somebody to prove it to: the audit chain, certificates
};
BOOST_DESCRIBE_ENUM(retention, account, traffic, log, money, transient, promised, proof)

// One record for a person's own copy, as a class's `read` selects it. `record` is a JSON object. To it are
// added the sealed values, opened: `names` in the object, `purposes` and `places` as they were sealed with. A
// value that is empty is left out.
struct personal_record {
    std::string record;
    std::vector<std::string> names, purposes, places;
    std::vector<bytes> sealed;
};
BOOST_DESCRIBE_STRUCT(personal_record, (), (record, names, purposes, places, sealed))

// What one batch of a purge took, as `purge` returns it.
struct purged_row {
    std::string id;
    instant at;
};
BOOST_DESCRIBE_STRUCT(purged_row, (), (id, at))

inline constexpr std::string_view record_limit = "limit 10000";
inline constexpr std::size_t records_at_once = 10'000;

struct data_class {
    std::string_view name;            // "identity.account": in exports and on certificates, never renamed
    std::string_view english, hindi;  // what it is and what for, for the person
    retention kept;
    std::span<const std::string_view> columns;  // "pool_user.phone_sealed"
    // ($1 the person): personal_records. Null: nothing of it can be shown, and the words above say why. Where
    // there may be many, newest first and with `record_limit`, which is read on behind, in pages.
    const statement* read = nullptr;
    // ($1 the person): what a tombstone holds instead: also what is not the person's to see, and would be
    // missed where a proceeding asks for it. Null: as `read`.
    const statement* keep = nullptr;
    // ($1 the person): at once, within the transaction that ends the account. Null: nothing to do.
    const statement* erase = nullptr;
    // Without `erase`: that which ends accounts, or a trigger, ends it with them.
    bool ends_with_account = false;
    // ($1 older than, $2 how many): erases a batch in the order of age, `for update skip locked` and never of
    // somebody who is_held; purged_rows. Null: a duty of the folder does it, or nothing ever goes.
    const statement* purge = nullptr;
    // ($1 older than): what `purge` would take and what holds keep from it: count, held, oldest, newest.
    const statement* due = nullptr;
};

struct personal_data {
    std::span<const data_class> classes;
    std::span<const std::string_view> impersonal;  // columns that look personal and are not
};

}  // namespace astrotalk::pg
