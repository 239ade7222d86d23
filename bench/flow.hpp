// A flow is a list of requests that one client makes one after another; later requests use what earlier
// answers said.
//
// A line of the flow file: fields separated by tabs, four a request: METHOD, PATH, BEARER, BODY. METHOD may
// be prefixed by "@name=" to be sent to another port (`--port-name name=8090`); BEARER may be "-", or
// "cookie=NAME=VALUE", or "checksum=HEX" of a webhook; BODY may be "-". "$id", "$session", "$code",
// "$refresh",
// "$cookie" stand for what the answers before carried, "$bearer" for a token of --bearers. A
// "cognito:Operation" path is a POST to /cognito/ with that target. Whatever goes to another port is an
// inbox.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct step {
    std::string label;  // method and path without ids, for the report
    int port_index = 0;
    std::string head;  // request line and headers without Content-Length, `$` variables in place
    std::string body;
};

using flow = std::vector<step>;
using variables = std::map<std::string, std::string, std::less<>>;

std::vector<flow> read_flows(const std::string& file, const std::vector<std::string>& port_names);
std::string render(const step& s, const variables& values, std::uint64_t serial);
void remember(std::string_view head, std::string_view body, variables& values);

}  // namespace bench
