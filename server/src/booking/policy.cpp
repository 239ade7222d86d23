#include "booking/policy.hpp"

#include <optional>

#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

struct policy_file {
    std::string version;
    std::optional<std::int32_t> full_refund_hours, part_refund_hours, part_refund_percent, most_reschedules,
        reschedule_hours, commission_basis_points;
    std::optional<money> apology, penalty;
    std::optional<std::int32_t> check_in_minutes, settle_minutes;
    std::optional<completion> completed_by;
    std::optional<std::int32_t> user_no_show_refund_percent;
    BOOST_DESCRIBE_CLASS(policy_file, (),
                         (version, full_refund_hours, part_refund_hours, part_refund_percent,
                          most_reschedules, reschedule_hours, commission_basis_points, apology, penalty,
                          check_in_minutes, settle_minutes, completed_by, user_no_show_refund_percent),
                         (), ())
};

template <class T>
void take(T& into, const std::optional<T>& given) {
    if (given) into = *given;
}

constexpr bool between(std::int64_t least, std::int64_t value, std::int64_t most) {
    return least <= value && value <= most;
}

// Nothing when it makes sense.
std::optional<std::string> fault_of(const policy& p) {
    constexpr std::int64_t year = 366 * 24, most_paise = 10'000'000;
    if (!between(1, static_cast<std::int64_t>(p.version.size()), 40)) return "/version: 1 to 40 characters";
    if (!between(0, p.part_refund_hours, p.full_refund_hours) || p.full_refund_hours > year)
        return "/fullRefundHours: no less than partRefundHours, and at most a year";
    if (!between(0, p.part_refund_percent, 100)) return "/partRefundPercent: 0 to 100";
    if (!between(0, p.most_reschedules, 100)) return "/mostReschedules: 0 to 100";
    if (!between(0, p.reschedule_hours, year)) return "/rescheduleHours: 0 to a year";
    if (!between(0, p.commission_basis_points, 10'000)) return "/commissionBasisPoints: 0 to 10000";
    if (!between(0, p.apology.paise, most_paise)) return "/apology: 0 to 10000000 paise";
    if (!between(0, p.penalty.paise, most_paise)) return "/penalty: 0 to 10000000 paise";
    if (!between(0, p.check_in_minutes, 60)) return "/checkInMinutes: 0 to 60";
    if (!between(0, p.settle_minutes, 60)) return "/settleMinutes: 0 to 60";
    if (!between(0, p.user_no_show_refund_percent, 100)) return "/userNoShowRefundPercent: 0 to 100";
    return std::nullopt;
}

// By name, because a policy could be made of a text as well.
result<policy, std::string> refused(std::string fault) {
    return {boost::system::in_place_error, std::move(fault)};
}

}  // namespace

result<policy, std::string> parse_policy(std::string_view json) {
    const auto file = http::from_json<policy_file>(json);
    if (!file) {
        const auto& faults = file.error();
        return refused(faults.list.empty() ? "a JSON object"
                                           : faults.list.front().first + ": " + faults.list.front().second);
    }
    policy p;
    p.version = file->version;
    take(p.full_refund_hours, file->full_refund_hours);
    take(p.part_refund_hours, file->part_refund_hours);
    take(p.part_refund_percent, file->part_refund_percent);
    take(p.most_reschedules, file->most_reschedules);
    take(p.reschedule_hours, file->reschedule_hours);
    take(p.commission_basis_points, file->commission_basis_points);
    take(p.apology, file->apology);
    take(p.penalty, file->penalty);
    take(p.check_in_minutes, file->check_in_minutes);
    take(p.settle_minutes, file->settle_minutes);
    take(p.completed_by, file->completed_by);
    take(p.user_no_show_refund_percent, file->user_no_show_refund_percent);
    if (auto fault = fault_of(p)) return refused(std::move(*fault));
    return {boost::system::in_place_value, std::move(p)};
}

}  // namespace astrotalk::booking
