// How a request moves: pure decisions on one request, with time as an argument. Each step that was taken adds
// what happened, in the order in which it is told to the client. A step that cannot be taken now gives false
// and changes nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "digio/request.hpp"

namespace sandbox::digio::flow {

struct happening {
    std::string_view event;  // a literal
    std::string action_id{};
};
using happenings = std::vector<happening>;

inline constexpr int most_wrong = 5;  // of one Aadhaar code
inline constexpr int most_codes = 3;
inline constexpr auto code_life = std::chrono::minutes(10);
inline constexpr auto longest_call = std::chrono::minutes(20);

void begin(request& r, happenings& out);

// What the person does. The first action that is still requested is the one at hand.
action* at_hand(request& r);
bool give_pan(request& r, std::string_view pan, instant now);
bool send_code(request& r, std::string_view last4, std::string code, instant now, happenings& out);
enum class code_check { right, wrong, none, refused };
code_check enter_code(request& r, std::string_view code, instant now, happenings& out);
bool take_selfie(request& r, std::string picture, int drawn, std::optional<place> where, instant now,
                 happenings& out);
bool ask_call(request& r, instant now, instant joins, std::string agent, std::string agent_id,
              std::vector<int> questions);
bool join_call(request& r, instant now, std::optional<instant> drops);
bool answer(request& r, bool answered, instant now);
// The agent ends a call that reached its last question, or as told.
bool end_call(request& r, std::string_view verdict, std::string_view reason, instant now, happenings& out);
bool drop_call(request& r, instant now, happenings& out);
bool skip(request& r, instant now, happenings& out);  // an optional action

// What Digio and the client's staff do.
bool all_done(const request& r);
bool complete(request& r, instant now, happenings& out);
bool ready_for_review(request& r, happenings& out);
bool decide(request& r, bool approve, std::string_view auditor, std::string_view reason, instant now,
            happenings& out);
bool terminate(request& r, std::string_view reason, instant now, happenings& out);
bool expire(request& r, instant now, happenings& out);
// Asks the person again for what was refused; all of it where nothing in particular was.
bool reattempt(request& r, instant now);

}  // namespace sandbox::digio::flow
