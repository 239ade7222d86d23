// What time does to recoveries: the number moves, the old one is told once more, requests end.
#include "core/log.hpp"
#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"
#include "identity/recovery.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::identity {
namespace {

struct due_move {
    uuid id;
    astrotalk::user_id user_id;
    bytes new_sealed, phone_sealed;
    std::optional<std::string> language;
};
BOOST_DESCRIBE_STRUCT(due_move, (), (id, user_id, new_sealed, phone_sealed, language))

struct due_reminder {
    uuid id;
    astrotalk::user_id user_id;
    bytes new_sealed;
    instant ready_at;
    bytes phone_sealed;
    std::optional<std::string> language;
};
BOOST_DESCRIBE_STRUCT(due_reminder, (), (id, user_id, new_sealed, ready_at, phone_sealed, language))

struct letter {
    uuid id = uuid::v7();
    bytes payload;
};

letter write_letter(const crypto::keyring& keys, const personal& to, std::string_view kind,
                    sms::language in) {
    letter made;
    made.payload = seal_sms(keys, made.id, to, sms::write(kind, in, {}));
    return made;
}

// Holds the user's row, which every sign-in locks: it either ended the request before, or finds another
// number. Sign-ins go by name, as when a user is disabled, and with them access on every node.
task<bool> take(pg::transaction& t, const due_move& due, const bytes& phone, const letter& to_old,
                const letter& to_new) {
    const auto locked =
        co_await t.query<user_id>(sql::lock_user, std::optional(due.user_id), std::optional<bytes>());
    if (locked.empty()) co_return false;
    const auto moved = co_await t.query_one<user_id>(sql::move_number, due.id, due.user_id, phone, to_old.id,
                                                     to_old.payload, to_new.id, to_new.payload, uuid::v7());
    if (moved) co_await end_all_families(t, due.user_id, "phone_recovery");
    co_return moved.has_value();
}

void count_ended(std::string_view how) {
    telemetry::counter_of("astrotalk_recoveries_total", "Approved recoveries, by what came of them.",
                          {{"outcome", std::string(how)}})
        .add();
}

// Whoever else has moved, ended or rejected it meanwhile, has; nothing is done twice.
task<void> move_one(pg::client& pg, const crypto::keyring& keys, const sms::registration& registered,
                    due_move due) {
    const personal old = open_phone(keys, due.user_id, due.phone_sealed);
    const personal to = open_new_phone(keys, due.id, due.new_sealed);
    const bytes phone =
        keys.seal("pool_user.phone", to.reveal(), "pool_user.phone:" + due.user_id.to_string());
    const auto in = registered.language_for(due.language);
    const letter to_old = write_letter(keys, old, "phone_changed", in);
    const letter to_new = write_letter(keys, to, "recovery_done", in);
    bool moved = false, taken = false;
    auto body = [&](pg::transaction& t) -> task<void> {
        moved = co_await take(t, due, phone, to_old, to_new);
    };
    try {
        co_await pg.transact(body);
    } catch (const pg::error& e) {
        if (e.constraint() != "pool_user_phone") throw;
        taken = true;
    }
    const std::string_view end = taken ? "number_taken" : "void";
    const bool ended = !moved && co_await pg.execute(sql::end_move, due.id, end, uuid::v7()) > 0;
    if (moved) count_ended("moved");
    if (ended) count_ended(end);
}

task<void> remind(pg::client& pg, const crypto::keyring& keys, const sms::registration& registered,
                  due_reminder due) {
    const uuid id = uuid::v7();
    const bytes notice = recovery_notice(keys, id, open_phone(keys, due.user_id, due.phone_sealed),
                                         open_new_phone(keys, due.id, due.new_sealed), due.ready_at,
                                         registered.language_for(due.language));
    co_await pg.execute(sql::remind_of_recovery, due.id, id, notice);
}

// One that fails, such as a value that does not open, keeps nobody else waiting.
template <class Row, class Step>
task<void> each_of(std::vector<Row> rows, Step step) {
    for (auto& row : rows) {
        const uuid id = row.id;
        try {
            co_await step(std::move(row));
        } catch (const pg::unavailable&) {
            throw;
        } catch (const std::exception& e) {
            log::error("recovery.step_failed", {{"recovery", id}, {"error", log::text(e.what())}});
        }
    }
}

}  // namespace

task<void> move_numbers(pg::client& pg, const crypto::keyring& keys, const sms::registration& registered) {
    auto move = [&](due_move due) { return move_one(pg, keys, registered, std::move(due)); };
    co_await each_of(co_await pg.read<due_move>(sql::find_due_moves), move);
    auto tell = [&](due_reminder due) { return remind(pg, keys, registered, std::move(due)); };
    co_await each_of(co_await pg.read<due_reminder>(sql::find_due_reminders), tell);
}

task<void> expire_recoveries(pg::client& pg) {
    for (const auto& id : co_await pg.read<uuid>(sql::find_expired_recoveries))
        co_await pg.execute(sql::expire_recovery, id, uuid::v7());
    while (co_await pg.execute(sql::prune_recoveries) > 0) {
    }
}

}  // namespace astrotalk::identity
