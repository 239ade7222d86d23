#include "digio/gateway.hpp"

#include "digio/media.hpp"
#include "digio_gateway/css.hpp"
#include "digio_gateway/html.hpp"
#include "digio_gateway/js.hpp"
#include "digio_gateway/screens_js.hpp"
#include "digio_gateway/words_js.hpp"
#include "http/json.hpp"

namespace sandbox::digio {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;
using astrotalk::clock::now;

constexpr std::size_t largest_picture = 3 << 20;
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct call_view {
    std::string phase, agent;
    std::int32_t joins_in_seconds = 0;  // while waiting
    std::int32_t question = 0, number = 0, of = 0;
    BOOST_DESCRIBE_CLASS(call_view, (), (phase, agent, joins_in_seconds, question, number, of), (), ())
};

struct part {
    std::string type, status;
    bool optional = false;
    BOOST_DESCRIBE_CLASS(part, (), (type, status, optional), (), ())
};

// What the pages show. `step`: pan, aadhaar, code, selfie, call, or nothing when there is nothing to do.
struct view {
    std::string id, status, name, step, reason;
    std::string pan, aadhaar_last4;  // what the sandbox's person would enter
    std::string district;
    std::vector<part> parts;
    std::optional<call_view> call;
    BOOST_DESCRIBE_CLASS(view, (),
                         (id, status, name, step, reason, pan, aadhaar_last4, district, parts, call), (), ())
};

call_view see(const video_call& c) {
    call_view seen{.phase = std::string(boost::describe::enum_to_string(c.phase, "")), .agent = c.agent};
    const auto wait = std::chrono::ceil<std::chrono::seconds>(c.joins - now()).count();
    seen.joins_in_seconds = static_cast<std::int32_t>(std::max<std::int64_t>(wait, 0));
    seen.of = static_cast<std::int32_t>(c.questions.size());
    seen.number = static_cast<std::int32_t>(c.answered) + 1;
    if (c.answered < c.questions.size()) seen.question = c.questions[c.answered];
    return seen;
}

std::string step_of(const action& a) {
    switch (a.type) {
        case kind::digilocker:
            if (!a.papers.pan_given) return "pan";
            return a.papers.code.empty() || now() - a.papers.code_sent > flow::code_life ? "aadhaar" : "code";
        case kind::selfie: return "selfie";
        case kind::two_way_video: return "call";
    }
    return {};
}

view see(request& r) {
    view seen;
    seen.id = r.id;
    seen.status = name_of(r.now);
    seen.name = r.name;
    seen.reason = r.error;
    seen.pan = r.who.pan;
    seen.aadhaar_last4 = r.who.aadhaar_last4;
    seen.district = r.who.district;
    for (const auto& each : r.actions)
        seen.parts.push_back(
            {std::string(name_of(each.type)), std::string(name_of(each.now)), each.optional});
    const auto* a = r.now == state::requested ? flow::at_hand(r) : nullptr;
    if (a) seen.step = step_of(*a);
    if (a && a->type == kind::two_way_video) seen.call = see(a->call);
    return seen;
}

http::response refuse(int status, std::string_view code, std::string title) {
    return http::problem(status, code, std::move(title));
}
http::response too_late() { return refuse(409, "wrong_step", "The request is not at that step"); }

// The customer's request, or why not.
struct visit {
    request* who = nullptr;
    http::response refusal;
};

visit enter(desk& self, const http::exchange& x) {
    auto* found = self.find(std::string(x.path_values[0]));
    auto claim = x.in.header("authorization");
    std::string token(claim.starts_with("Bearer ") ? claim.substr(7) : "");
    if (token.empty()) token = x.in.parameter("token_id").value_or("");  // of pictures
    if (!found) return {.refusal = refuse(404, "not_found", "There is no such request")};
    switch (self.check(*found, token)) {
        case desk::token_state::unknown:
            return {.refusal = refuse(401, "token_unknown", "The link is not valid")};
        case desk::token_state::expired:
            return {.refusal = refuse(401, "token_expired", "The link has expired")};
        case desk::token_state::valid: break;
    }
    const auto identifier = x.in.parameter("identifier");
    if (identifier && *identifier != found->identifier)
        return {.refusal = refuse(403, "wrong_customer", "The link is somebody else's")};
    return {.who = found, .refusal = {}};
}

// A step of the person: `act` says whether it could be taken, and by what it did.
using step = http::response (*)(desk&, request&, http::exchange&);
template <step act>
task<http::response> visited(desk& self, http::exchange& x) {
    const auto found = enter(self, x);
    co_return found.who ? act(self, *found.who, x) : found.refusal;
}

// After a step: what follows from it is told, and the page sees where it is now.
http::response went(desk& self, request& r, const flow::happenings& all) {
    self.announce(r, all);
    return http::ok(see(r));
}

http::response look(desk&, request& r, http::exchange&) { return http::ok(see(r)); }

struct entry {
    std::string value;
    BOOST_DESCRIBE_CLASS(entry, (), (value), (), ())
};

http::response give_pan(desk&, request& r, http::exchange& x) {
    const auto given = http::from_json<entry>(x.in.body);
    if (!given) return http::problem(given.error());
    if (!is_pan(given->value)) return refuse(422, "not_a_pan", "That is not the PAN of a person");
    return flow::give_pan(r, given->value, now()) ? http::ok(see(r)) : too_late();
}

http::response ask_code(desk& self, request& r, http::exchange& x) {
    const auto given = http::from_json<entry>(x.in.body);
    if (!given) return http::problem(given.error());
    if (!is_four_digits(given->value)) return refuse(422, "not_four_digits", "Four digits are wanted");
    flow::happenings all;
    const auto code = self.code();
    if (!flow::send_code(r, given->value, code, now(), all)) {
        if (all.empty()) return too_late();
        return went(self, r, all);
    }
    self.notify(r.identifier,
                fmt::format("{} is your code for the Aadhaar that ends with {} (sandbox, DigiLocker).", code,
                            given->value));
    return http::ok(see(r));
}

http::response enter_code(desk& self, request& r, http::exchange& x) {
    const auto given = http::from_json<entry>(x.in.body);
    if (!given) return http::problem(given.error());
    flow::happenings all;
    const auto checked = flow::enter_code(r, given->value, now(), all);
    if (checked == flow::code_check::none) return too_late();
    if (checked == flow::code_check::wrong) return refuse(422, "wrong_code", "That is not the code");
    if (checked == flow::code_check::refused && all.empty())
        return refuse(422, "too_many_codes", "Too many wrong codes: ask for a new one");
    return went(self, r, all);
}

place place_named(std::string_view name, const person& who) {
    if (name == "mumbai") return {19.0760, 72.8777, "Mumbai, Maharashtra, India"};
    if (name == "dubai") return {25.2048, 55.2708, "Dubai, United Arab Emirates"};
    return {who.latitude, who.longitude, who.locality + ", " + who.district + ", " + who.state + ", India"};
}

bool is_picture(std::string_view bytes) {
    return bytes.starts_with("\x89PNG\r\n\x1a\n") || bytes.starts_with("\xff\xd8\xff");
}

http::response take_selfie(desk& self, request& r, http::exchange& x) {
    const bool other = x.in.parameter("drawn") == "1";
    std::string picture(x.in.body);
    if (!picture.empty() && (!is_picture(picture) || picture.size() > largest_picture))
        return refuse(422, "not_a_picture", "A JPEG or PNG of at most 3 MB is wanted");
    if (!self.make_room(picture.size())) return refuse(503, "full", "The sandbox keeps no more pictures");
    flow::happenings all;
    auto where = place_named(x.in.parameter("place").value_or("home"), r.who);
    if (!flow::take_selfie(r, std::move(picture), other ? 1 : 0, std::move(where), now(), all))
        return too_late();
    return went(self, r, all);
}

http::response face(desk&, request& r, http::exchange& x) {
    http::response made;
    made.content_type = "image/png";
    made.body = portrait_png(r.who, x.path_values[1] == "1" ? 1 : 0);
    return made;
}

http::response ask_call(desk& self, request& r, http::exchange&) {
    return self.call_agent(r) ? http::ok(see(r)) : too_late();
}

http::response answer(desk& self, request& r, http::exchange& x) {
    const auto given = http::from_json<entry>(x.in.body);
    if (!given) return http::problem(given.error());
    return self.answer_agent(r, given->value == "yes") ? http::ok(see(r)) : too_late();
}

// The sandbox's own: whoever tries it decides for the agent.
http::response play_agent(desk& self, request& r, http::exchange& x) {
    const auto given = http::from_json<entry>(x.in.body);
    if (!given) return http::problem(given.error());
    if (given->value != "approve" && given->value != "reject" && given->value != "drop")
        return refuse(422, "invalid_request", "approve, reject or drop");
    return self.hang_up(r, given->value, given->value == "reject" ? "The agent was not convinced" : "")
               ? http::ok(see(r))
               : too_late();
}

http::response skip(desk& self, request& r, http::exchange&) {
    flow::happenings all;
    return flow::skip(r, now(), all) ? went(self, r, all) : too_late();
}

http::response cancel(desk& self, request& r, http::exchange&) {
    flow::happenings all;
    return flow::terminate(r, "Ended by the customer", now(), all) ? went(self, r, all) : too_late();
}

http::response file(std::string_view type, std::string_view text) {
    http::response r;
    r.content_type = type;
    r.headers.emplace_back("Content-Security-Policy", std::string(policy));
    r.body = text;
    return r;
}

task<http::response> page(desk&, http::exchange&) {
    co_return file("text/html; charset=utf-8", astrotalk::gateway_html);
}
task<http::response> style(desk&, http::exchange&) {
    co_return file("text/css; charset=utf-8", astrotalk::gateway_css);
}
task<http::response> script(desk&, http::exchange& x) {
    const auto name = x.path_values[0];
    const auto type = "text/javascript; charset=utf-8";
    if (name == "gateway.js") co_return file(type, astrotalk::gateway_js);
    if (name == "screens.js") co_return file(type, astrotalk::gateway_screens_js);
    if (name == "words.js") co_return file(type, astrotalk::gateway_words_js);
    // Gateway links that name the sandbox's root lead to the inbox: what is behind the # stays in the
    // browser.
    if (name == "forward.js")
        co_return file(
            type,
            "if (location.hash.startsWith('#/gateway/')) location.replace('/digio/' + location.hash);\n");
    co_return refuse(404, "not_found", "There is nothing at this address");
}

using http::access;
using http::verb;
constexpr http::route<desk> table[] = {
    {verb::get, "/digio", access::anyone, page},
    {verb::get, "/digio/", access::anyone, page},
    {verb::get, "/digio/gateway.css", access::anyone, style},
    {verb::get, "/digio/scripts/{name}", access::anyone, script},
    {verb::get, "/digio/kyc/{id}", access::anyone, visited<look>},
    {verb::get, "/digio/kyc/{id}/faces/{which}", access::anyone, visited<face>},
    {verb::post, "/digio/kyc/{id}/pan", access::anyone, visited<give_pan>},
    {verb::post, "/digio/kyc/{id}/aadhaar", access::anyone, visited<ask_code>},
    {verb::post, "/digio/kyc/{id}/code", access::anyone, visited<enter_code>},
    {verb::post, "/digio/kyc/{id}/selfie", access::anyone, visited<take_selfie>},
    {verb::post, "/digio/kyc/{id}/call", access::anyone, visited<ask_call>},
    {verb::post, "/digio/kyc/{id}/answer", access::anyone, visited<answer>},
    {verb::post, "/digio/kyc/{id}/agent", access::anyone, visited<play_agent>},
    {verb::post, "/digio/kyc/{id}/skip", access::anyone, visited<skip>},
    {verb::post, "/digio/kyc/{id}/cancel", access::anyone, visited<cancel>},
};

}  // namespace

std::span<const http::route<desk>> gateway_routes() { return table; }

}  // namespace sandbox::digio
