#include "flow.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> fields;
    for (std::size_t from = 0;;) {
        const auto tab = line.find('\t', from);
        fields.push_back(line.substr(from, tab == std::string::npos ? tab : tab - from));
        if (tab == std::string::npos) return fields;
        from = tab + 1;
    }
}

// "/v1/astrologers/0193…/slots?x" and its siblings are one line of the report.
std::string label_of(const std::string& method, const std::string& path) {
    std::string label = method + " ";
    const std::string bare = path.substr(0, path.find('?'));
    for (std::size_t i = 0; i < bare.size();) {
        const auto end = std::min(bare.find('/', i + 1), bare.size());
        const std::string segment = bare.substr(i, end - i);
        label += segment.size() == 37 || segment.starts_with("/$") ? "/{id}" : segment;
        i = end;
    }
    return label;
}

step make_step(std::size_t position, std::string method, const std::string& path, const std::string& bearer,
               const std::string& body, const std::vector<std::string>& port_names) {
    step s;
    if (method.starts_with('@')) {
        const auto equals = method.find('=');
        const auto found = std::find(port_names.begin(), port_names.end(), method.substr(1, equals - 1));
        if (found == port_names.end()) throw std::runtime_error("unknown port name in " + method);
        s.port_index = static_cast<int>(found - port_names.begin());
        method = method.substr(equals + 1);
    }
    s.body = body == "-" ? "" : body;
    if (path.starts_with("cognito:")) {
        s.label = path;
        s.head = fmt::format(
            "POST /cognito/ HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-amz-json-1.1\r\n"
            "X-Amz-Target: AWSCognitoIdentityProviderService.{}\r\n",
            path.substr(8));
    } else {
        s.label = label_of(method, path);
        s.head = fmt::format("{} {} HTTP/1.1\r\nHost: bench\r\n", method, path);
        if (!s.body.empty()) s.head += "Content-Type: application/json\r\n";
        if (method == "POST") s.head += fmt::format("Idempotency-Key: $serial-{}\r\n", position);
    }
    if (bearer.starts_with("cookie="))
        s.head += "Cookie: " + bearer.substr(7) + "\r\n";
    else if (bearer.starts_with("checksum="))
        s.head += "X-Digio-Checksum: " + bearer.substr(9) + "\r\n";
    else if (bearer != "-")
        s.head += "Authorization: Bearer " + bearer + "\r\n";
    // Each flow comes from an address of its own: the per-address limits stay on, as in production.
    s.head += "X-Forwarded-For: $address\r\n";
    return s;
}

// Each of 16 million its own, and neighbours in time are in different networks: codes are counted by network
// too, and those who come at once from all over a country would otherwise wait for one row.
std::string address_of(std::uint64_t serial) {
    const auto spread = serial * 7'654'321;  // odd, so that no two of 2^24 are the same
    return fmt::format("10.{}.{}.{}", spread >> 16 & 255, spread >> 8 & 255, spread & 255);
}

// Idempotency keys are new in every run.
const std::string& run_id() {
    static const std::string id = fmt::format("bench-{}-{}", getpid(), std::time(nullptr));
    return id;
}

std::string fill(const std::string& text, const variables& values, std::uint64_t serial) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '$') {
            const auto next = std::min(text.find('$', i), text.size());
            out.append(text, i, next - i);
            i = next;
            continue;
        }
        std::size_t end = i + 1;
        while (end < text.size() && std::islower(static_cast<unsigned char>(text[end]))) ++end;
        const std::string_view name(text.data() + i + 1, end - i - 1);
        if (name == "serial")
            out += fmt::format("{}-{}", run_id(), serial);
        else if (name == "address")
            out += address_of(serial);
        else if (const auto found = values.find(name); found != values.end())
            out += found->second;
        i = end;
    }
    return out;
}

void take(std::string_view body, std::string_view opening, const char* name, variables& values) {
    const auto at = body.find(opening);
    if (at == std::string_view::npos) return;
    const auto from = at + opening.size();
    values[name] = std::string(body.substr(from, body.find('"', from) - from));
}

}  // namespace

std::vector<flow> read_flows(const std::string& file, const std::vector<std::string>& port_names) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file);
    std::vector<flow> flows;
    for (std::string line; std::getline(in, line);) {
        const auto fields = split(line);
        if (fields.size() % 4 != 0) throw std::runtime_error("a line needs four fields a request: " + line);
        flow f;
        for (std::size_t i = 0; i < fields.size(); i += 4)
            f.push_back(make_step(i / 4, fields[i], fields[i + 1], fields[i + 2], fields[i + 3], port_names));
        flows.push_back(std::move(f));
    }
    if (flows.empty()) throw std::runtime_error(file + " has no flows");
    return flows;
}

std::string render(const step& s, const variables& values, std::uint64_t serial) {
    const std::string body = fill(s.body, values, serial);
    std::string out = fill(s.head, values, serial);
    if (!body.empty() || s.head.starts_with("POST"))
        out += fmt::format("Content-Length: {}\r\n", body.size());
    return out + "\r\n" + body;
}

void remember(std::string_view head, std::string_view body, variables& values) {
    if (const auto at = head.find("session_token="); at != std::string_view::npos) {
        const auto from = head.rfind(' ', at) + 1;
        values["cookie"] = std::string(head.substr(from, head.find_first_of(";\r", at) - from));
    }
    take(body, "{\"id\":\"", "id", values);
    take(body, "\"Session\":\"", "session", values);
    take(body, "\"RefreshToken\":\"", "refresh", values);
    take(body, "\"AccessToken\":\"", "access", values);
    // An inbox: the first run of six digits in the newest text.
    const auto text = body.find("\"text\":\"");
    if (text == std::string_view::npos) return;
    int run = 0;
    for (std::size_t i = text; i < body.size(); ++i) {
        run = std::isdigit(static_cast<unsigned char>(body[i])) ? run + 1 : 0;
        if (run == 6) {
            values["code"] = std::string(body.substr(i - 5, 6));
            return;
        }
    }
}

}  // namespace bench
