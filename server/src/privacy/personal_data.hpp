// The register of personal data, and what follows from it: purges, copies for people, the end of an account.
//
// Features declare what they keep (pg/personal_data.hpp); the composition root gathers that into one
// `data_register`, which is everything that this folder knows of them. A person's sealed values are opened
// only to be sealed again in their copy or their tombstone.
//
// Thread safety: a register is never changed and may be shared; calls belong to their client's loop. Errors:
// an outage throws pg::unavailable; an error of a declared statement throws pg::error and changes nothing.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/personal_data.hpp"
#include "pg/pg.hpp"

namespace astrotalk::privacy {

// No setting goes below: DPDP Rules 2025, 8(3), and section 36 of the CGST Act (72 months).
inline constexpr int lowest_days = 365, lowest_money_days = 2192;

struct retention_days {
    int personal = lowest_days;  // what an ended account leaves in its tombstone
    int log = lowest_days;       // traffic data and logs of processing
    int money = 2922;            // section 128(5) of the Companies Act: eight years
};

// Somebody who gets personal data from us, and why.
struct recipient {
    std::string name;
    std::string english, hindi;
};

struct data_register {
    std::vector<pg::data_class> classes;
    retention_days days{};
    std::string contact{};  // whom people complain to
    std::vector<recipient> recipients{};

    // Of a class that is erased by age or promise; throws std::logic_error when it is shorter than the law.
    std::chrono::days kept_for(pg::retention kept) const;
};

// The register of this process. One for all its threads, set once before anything is served; asking for it
// before that ends the process, because an account that ends without it would leave what it should not.
void use_register(data_register known);
const data_register& register_in_use();

// --- Erasure

// Restricts somebody at once, within the transaction that holds their row and ends their account: what the
// law keeps moves into the tombstone, each class erases what it must, and the certificate, a JSON object, is
// written. `cause`: request, delete_user, admin_delete.
task<std::string> erase_person(pg::transaction& t, const crypto::keyring& keys, const data_register& known,
                               user_id who, std::string_view cause, std::string_view request_id);

// What a tombstone holds, for an operator who must answer somebody with a right to ask; audited with the
// reason. Nothing when there is none (any more).
task<std::optional<std::string>> read_tombstone(pg::client& database, const crypto::keyring& keys,
                                                user_id whose, std::string reason);

// --- Purge

struct due_line {
    std::string_view name;
    pg::retention kept;
    instant before;          // erased is what is older
    std::int64_t count = 0;  // that would go now
    std::int64_t held = 0;   // that a hold keeps
    std::optional<instant> oldest, newest;
};
// What a purge would do now; changes nothing.
task<std::vector<due_line>> preview_purge(pg::client& database, const data_register& known);

// A stored certificate, as it is printed.
struct certificate {
    uuid id;
    std::string content;
    bool genuine = true;  // false: not what this installation wrote
};
// Erases what is due, in small batches that wait for nobody, until nothing is left. The certificate; none
// when nothing went. Many may run at once: what one takes, no other does.
task<std::optional<certificate>> run_purge(pg::client& database, const crypto::keyring& keys,
                                           const data_register& known);
// Of a purge, of an erasure, or of a copy, whose id it has.
task<std::optional<certificate>> find_certificate(pg::client& database, const crypto::keyring& keys, uuid id);

// --- Scan

struct finding {
    std::string place;  // "astrologer.bio", "pool_user.name (opened)", a file
    std::int64_t count = 0;
    friend bool operator==(const finding&, const finding&) = default;
};
struct scan_report {
    std::int64_t columns = 0, values = 0, unreadable = 0;  // the last: sealed and did not open
    std::vector<finding> found;
};
// Looks for Aadhaar numbers in every text, bytea, JSON and XML column of the database and in what is sealed
// in `sealed`, opened; the outbox and its dead letters are there too.
task<scan_report> scan_database(pg::client& database, const crypto::keyring& keys,
                                std::vector<jobs::sealed_column> sealed);
// In files, and in those below directories. Blocking. Throws std::runtime_error when one cannot be read.
void scan_files(std::span<const std::string> paths, scan_report& into);

// This folder's own.
pg::personal_data personal_data();
std::span<const jobs::sealed_column> sealed_request_columns();

}  // namespace astrotalk::privacy
