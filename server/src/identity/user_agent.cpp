#include "identity/user_agent.hpp"

#include <span>

namespace astrotalk::identity {
namespace {

struct mark {
    std::string_view in, name;
};

// Each names those it imitates, and comes before them.
constexpr mark programs[] = {
    {"aws-amplify", "App"},
    {"aws-sdk", "AWS SDK"},
    {"Edg", "Edge"},
    {"OPR/", "Opera"},
    {"SamsungBrowser", "Samsung Internet"},
    {"FxiOS", "Firefox"},
    {"Firefox/", "Firefox"},
    {"CriOS", "Chrome"},
    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
    {"okhttp", "App"},
    {"curl/", "curl"},
};
constexpr mark systems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},     {"Windows", "Windows"},
    {"Mac OS", "Mac"},      {"macos", "Mac"},     {"CrOS", "ChromeOS"}, {"inux", "Linux"},
};

std::string_view first_of(std::span<const mark> marks, std::string_view in) {
    for (const auto& each : marks)
        if (in.find(each.in) != std::string_view::npos) return each.name;
    return {};
}

}  // namespace

std::string_view agent_of(const http::request& in) {
    const auto sdk = in.header("x-amz-user-agent");
    return (sdk.empty() ? in.header("user-agent") : sdk).substr(0, 512);
}

origin sender_of(const http::request& in) {
    const auto device = in.header("x-device-id");
    return {.address = in.peer,
            .device = is_device(device) ? std::string(device) : std::string(),
            .agent = std::string(agent_of(in))};
}

std::string describe_agent(std::string_view user_agent) {
    const auto program = first_of(programs, user_agent), system = first_of(systems, user_agent);
    if (program.empty()) return system.empty() ? "unknown" : std::string(system);
    if (system.empty()) return std::string(program);
    return std::string(program) + " on " + std::string(system);
}

}  // namespace astrotalk::identity
