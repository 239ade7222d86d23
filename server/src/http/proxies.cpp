#include "http/proxies.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace astrotalk::http {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// The canonical text of an IPv4 or IPv6 address, or empty. IPv4 mapped into IPv6 is IPv4.
std::string canonical_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN + 1> buffer{};
    if (text.empty() || text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) return {};
    std::copy(text.begin(), text.end(), buffer.begin());
    in_addr v4{};
    if (inet_pton(AF_INET, buffer.data(), &v4) == 1) return std::string(text);
    in6_addr v6{};
    if (inet_pton(AF_INET6, buffer.data(), &v6) != 1) return {};
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        inet_ntop(AF_INET, v6.s6_addr + 12, out.data(), out.size());
    else
        inet_ntop(AF_INET6, &v6, out.data(), out.size());
    return out.data();
}

constexpr unsigned v4_prefix = 96;  // of ::ffff:0:0/96

}  // namespace

trusted_proxies::trusted_proxies() : networks_{*read("127.0.0.0/8"), *read("::1")} {}

std::optional<trusted_proxies::network> trusted_proxies::read(std::string_view text) {
    const auto slash = text.find('/');
    const std::string address = canonical_address(text.substr(0, slash));
    network made;
    const bool v6 = inet_pton(AF_INET6, address.c_str(), made.address.data()) == 1;
    if (!v6) {
        made.address[10] = made.address[11] = 0xff;
        if (inet_pton(AF_INET, address.c_str(), made.address.data() + 12) != 1) return std::nullopt;
    }
    if (slash == std::string_view::npos) return made;
    const auto bits = text.substr(slash + 1);
    const auto [end, fault] = std::from_chars(bits.data(), bits.data() + bits.size(), made.bits);
    if (fault != std::errc() || end != bits.data() + bits.size()) return std::nullopt;
    if (made.bits > (v6 ? 128 : 32)) return std::nullopt;
    if (!v6) made.bits += v4_prefix;
    return made;
}

std::optional<trusted_proxies> trusted_proxies::parse(const std::vector<std::string>& networks) {
    trusted_proxies made;
    made.networks_.clear();
    for (const auto& each : networks) {
        const auto one = read(each);
        if (!one) return std::nullopt;
        made.networks_.push_back(*one);
    }
    return made;
}

bool trusted_proxies::trust(std::string_view address) const {
    const auto asked = read(address);
    if (!asked) return false;
    const auto holds = [&](const network& of) {
        const std::size_t whole = of.bits / 8, rest = of.bits % 8;
        if (!std::equal(of.address.begin(), of.address.begin() + whole, asked->address.begin())) return false;
        return rest == 0 || (of.address[whole] ^ asked->address[whole]) >> (8 - rest) == 0;
    };
    return std::any_of(networks_.begin(), networks_.end(), holds);
}

std::string client_address(std::string_view peer, std::string_view forwarded,
                           const trusted_proxies& proxies) {
    if (forwarded.empty() || !proxies.trust(peer)) return std::string(peer);
    while (!forwarded.empty()) {
        const auto comma = forwarded.rfind(',');
        const auto last = trim(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
        forwarded = comma == std::string_view::npos ? std::string_view{} : forwarded.substr(0, comma);
        auto address = canonical_address(last);
        // What is left of an address that makes no sense was not written by a proxy of ours.
        if (address.empty()) break;
        if (!proxies.trust(address)) return address;
    }
    return std::string(peer);
}

}  // namespace astrotalk::http
