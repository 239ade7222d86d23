#include "identity/recovery.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

std::string last_four(const personal& phone) {
    const std::string& all = phone.reveal();
    return all.substr(all.size() - std::min<std::size_t>(4, all.size()));
}

}  // namespace

// Of a request that is rejected, stopped or nobody's, its asker learns no more than of one that waits.
recovery_view view_of(const recovery_row& row, std::chrono::seconds wait) {
    recovery_view view{.id = row.id,
                       .state = recovery_state::waiting,
                       .earliest = row.approved ? row.ready_at : row.opened_at + wait,
                       .closes_at = row.expires_at};
    if (row.state == "moved")
        view.state = recovery_state::moved;
    else if (row.state == "number_taken")
        view.state = recovery_state::number_taken;
    else if (row.state == "approved")
        view.state = recovery_state::approved;
    else if (row.approved || row.at >= row.expires_at)
        view.state = recovery_state::closed;
    return view;
}

task<std::optional<recovery_view>> find_recovery(service& s, uuid which, secret token) {
    const auto row = co_await s.pg.read_one<recovery_row>(sql::find_recovery, which, hash_of(token));
    if (!row) co_return std::nullopt;
    co_return view_of(*row, s.how.recovery.wait);
}

std::string place_of_recovery(const std::string& id) { return "phone_recovery.phone:" + id; }

personal open_new_phone(const crypto::keyring& keys, uuid recovery, const bytes& sealed) {
    auto opened = keys.open(recovery_purpose, sealed, place_of_recovery(recovery.to_string()));
    if (!opened) throw std::runtime_error("the number of a recovery does not open under the master key");
    return personal(std::move(*opened));
}

std::string day_in_india(instant at) {
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    using namespace std::chrono;
    const auto wall = at + 5h + 30min;  // all year
    const year_month_day day(floor<days>(wall));
    return fmt::format("{} {} {}", static_cast<unsigned>(day.day()),
                       months[static_cast<unsigned>(day.month()) - 1], static_cast<int>(day.year()));
}

bytes recovery_notice(const crypto::keyring& keys, uuid outbox_id, const personal& old_phone,
                      const personal& new_phone, instant earliest, sms::language in) {
    const std::string values[] = {last_four(new_phone), day_in_india(earliest)};
    return seal_sms(keys, outbox_id, old_phone, sms::write("recovery_asked", in, values));
}

}  // namespace astrotalk::identity
