// X-Forwarded-For as anybody may send it: the client is the peer, or an address that is none of our proxies'.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/proxies.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace astrotalk::http;
    static const auto ours = *trusted_proxies::parse({"127.0.0.0/8", "10.0.0.0/9", "2001:db8::/33"});
    const std::string_view forwarded(reinterpret_cast<const char*>(data), size);
    const std::string client = client_address("10.1.1.1", forwarded, ours);
    if (client != "10.1.1.1" && (ours.trust(client) || !trusted_proxies::parse({client}))) std::abort();
    if (client_address("192.0.2.1", forwarded, ours) != "192.0.2.1") std::abort();
    if (const auto any = trusted_proxies::parse({std::string(forwarded)})) any->trust("192.0.2.1");
    return 0;
}
