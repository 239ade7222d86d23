#include "core/aadhaar.hpp"
#include "http/json.hpp"
#include "intake/intake.hpp"
#include "onboarding/onboarding.hpp"

namespace astrotalk::intake {
namespace {

using http::exchange;
using http::problem;
using http::response;

response refused(error why) {
    switch (why) {
        case error::profile_not_found:
            return problem(404, "birth_profile_not_found", "You have no such birth profile.");
        case error::too_many_profiles:
            return problem(409, "too_many_birth_profiles", "Ten birth profiles are kept: remove one first.");
        case error::booking_not_found: return problem(404, "booking_not_found", "You have no such booking.");
        case error::intake_not_found:
            return problem(404, "intake_not_found", "There is nothing to see for this booking.");
        case error::already_cancelled: return problem(409, "already_cancelled", "The booking is cancelled.");
        case error::too_late: return problem(409, "too_late", "The consultation has started.");
    }
    __builtin_unreachable();
}

// The wire form of a birth: with the instant that the zone makes of it.
struct birth_item {
    personal name;
    intake::relation relation{};
    std::optional<intake::gender> gender;
    personal birth_date;
    std::optional<personal> birth_time;
    bool time_unknown = false;
    std::optional<occurrence> which_of_two;
    intake::place place;
    std::optional<instant> born_at;
    std::optional<std::string> utc_offset;
};
BOOST_DESCRIBE_STRUCT(birth_item, (),
                      (name, relation, gender, birth_date, birth_time, time_unknown, which_of_two, place,
                       born_at, utc_offset))

birth_item on_the_wire(birth from) {
    birth_item item;
    if (const auto when = moment_of(from)) {
        item.born_at = when->at;
        item.utc_offset = offset_text(when->offset);
    }
    item.name = std::move(from.name);
    item.relation = from.relation;
    item.gender = from.gender;
    item.birth_date = std::move(from.birth_date);
    item.birth_time = std::move(from.birth_time);
    item.time_unknown = from.time_unknown;
    item.which_of_two = from.which_of_two;
    item.place = std::move(from.place);
    return item;
}

struct profile_item {
    uuid id;
    birth_item birth;
    instant created_at, updated_at;
};
BOOST_DESCRIBE_STRUCT(profile_item, (), (id, birth, created_at, updated_at))

profile_item on_the_wire(birth_profile from) {
    return {from.id, on_the_wire(std::move(from.birth)), from.created_at, from.updated_at};
}

struct profiles_body {
    std::vector<profile_item> items;
};
BOOST_DESCRIBE_STRUCT(profiles_body, (), (items))

struct intake_item {
    astrotalk::booking_id booking_id;
    std::optional<birth_item> birth;
    std::optional<personal> question;
    instant updated_at;
};
BOOST_DESCRIBE_STRUCT(intake_item, (), (booking_id, birth, question, updated_at))

response answered(outcome<given> what) {
    if (!what) return refused(what.error());
    std::optional<birth_item> birth;
    if (what->birth) birth = on_the_wire(std::move(*what->birth));
    return http::ok(intake_item{what->id, std::move(birth), std::move(what->question), what->updated_at});
}

response answered(outcome<birth_profile> what, int status) {
    return what ? http::ok(on_the_wire(std::move(*what)), status) : refused(what.error());
}

writer writer_of(const exchange& x) { return {x.caller(), x.request_id}; }

result<birth, http::faults> birth_in(const exchange& x) {
    auto sent = http::from_json<birth>(x.in.body);
    if (!sent) return sent.error();
    auto what = tidied(std::move(*sent));
    if (auto found = faults_of(what, clock::now()); !found.empty()) return http::faults{std::move(found)};
    return what;
}

task<response> get_profiles(service& s, exchange& x) {
    profiles_body all;
    for (auto& each : co_await list_birth_profiles(s, x.caller()))
        all.items.push_back(on_the_wire(std::move(each)));
    co_return http::ok(all);
}

task<response> post_profile(service& s, exchange& x) {
    auto what = birth_in(x);
    if (!what) co_return problem(what.error());
    co_return answered(co_await add_birth_profile(s, writer_of(x), std::move(*what)), 201);
}

task<response> put_profile(service& s, exchange& x) {
    auto what = birth_in(x);
    if (!what) co_return problem(what.error());
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::profile_not_found);
    co_return answered(co_await change_birth_profile(s, writer_of(x), *id, std::move(*what)), 200);
}

task<response> delete_profile(service& s, exchange& x) {
    const auto id = uuid::parse(x.path_values[0]);
    if (!id || !co_await remove_birth_profile(s, writer_of(x), *id))
        co_return refused(error::profile_not_found);
    response done;
    done.status = 204;
    co_return done;
}

struct intake_request {
    std::optional<uuid> birth_profile_id;
    std::optional<personal> question;
};
BOOST_DESCRIBE_STRUCT(intake_request, (), (birth_profile_id, question))

task<response> put_intake(service& s, exchange& x) {
    auto asked = http::from_json<intake_request>(x.in.body);
    if (!asked) co_return problem(asked.error());
    if (asked->question) {
        asked->question = personal(tidied_question(asked->question->reveal()));
        if (auto found = faults_of_question(asked->question->reveal()); !found.empty())
            co_return problem(http::faults{std::move(found)});
    }
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused(error::booking_not_found);
    co_return answered(
        co_await attach_intake(s, writer_of(x), *id, asked->birth_profile_id, std::move(asked->question)));
}

task<response> get_intake(service& s, exchange& x) {
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused(error::booking_not_found);
    co_return answered(co_await read_intake(s, x.caller(), *id));
}

// Who reads about people says why.
task<response> get_intake_for_staff(service& s, exchange& x) {
    auto reason = x.in.parameter("reason");
    const auto length = reason ? onboarding::printable_length(*reason, false) : std::nullopt;
    if (!length || *length < 1 || *length > 200)
        co_return problem(http::faults{{{"reason", "why this is read, 1 to 200 printable characters"}}});
    if (holds_aadhaar_number(*reason))
        co_return problem(http::faults{{{"reason", std::string(no_aadhaar_number)}}});
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused(error::intake_not_found);
    co_return answered(co_await read_intake_for_staff(
        s, {x.caller(), x.who->in_group("admin") ? "admin" : "support", std::move(*reason), x.request_id},
        *id));
}

using enum http::access;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::get, "/v1/me/birth-profiles", signed_in, get_profiles},
    {verb::post, "/v1/me/birth-profiles", signed_in, post_profile},
    {verb::put, "/v1/me/birth-profiles/{id}", signed_in, put_profile},
    {verb::delete_, "/v1/me/birth-profiles/{id}", signed_in, delete_profile},
    {verb::get, "/v1/bookings/{id}/intake", signed_in, get_intake},
    {verb::put, "/v1/bookings/{id}/intake", signed_in, put_intake},
    {verb::get, "/v1/admin/bookings/{id}/intake", support, get_intake_for_staff},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::intake
