#include <charconv>

#include "crypto/crypto.hpp"
#include "privacy/audit.hpp"

namespace astrotalk::privacy {
namespace {

constexpr std::uint32_t null_length = 0xffffffff;

template <class Number>
void append_big_endian(bytes& out, Number value) {
    for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<unsigned char>(value >> shift & 0xff));
}

void append_field(bytes& out, const std::string& value) {
    append_big_endian(out, static_cast<std::uint32_t>(value.size()));
    out.insert(out.end(), value.begin(), value.end());
}
void append_field(bytes& out, const uuid& value) {
    append_big_endian(out, static_cast<std::uint32_t>(value.bytes.size()));
    out.insert(out.end(), value.bytes.begin(), value.bytes.end());
}
void append_field(bytes& out, std::int64_t value) {
    append_big_endian(out, std::uint32_t{8});
    append_big_endian(out, static_cast<std::uint64_t>(value));
}
template <class T>
void append_field(bytes& out, const std::optional<T>& value) {
    if (value)
        append_field(out, *value);
    else
        append_big_endian(out, null_length);
}

}  // namespace

bytes canonical_bytes(const audit_row& row) {
    bytes out;
    out.reserve(256);
    append_field(out, std::string("astrotalk-audit-1"));
    append_field(out, row.seq);
    append_field(out, row.id);
    append_field(out, row.at.time_since_epoch().count());
    append_field(out, row.actor_id);
    append_field(out, row.actor_role);
    append_field(out, row.action);
    append_field(out, row.subject_kind);
    append_field(out, row.subject_id);
    append_field(out, row.reason);
    append_field(out, row.detail);
    append_field(out, row.request_id);
    return out;
}

bytes chain_hash(const bytes& previous, const audit_row& row) {
    bytes chained = previous;
    const bytes own = canonical_bytes(row);
    chained.insert(chained.end(), own.begin(), own.end());
    return crypto::sha256(chained);
}

std::string audit_head::to_string() const { return fmt::format("{}:{}", seq, crypto::hex(hash)); }

std::optional<audit_head> audit_head::parse(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    audit_head head;
    const auto* const end = text.data() + colon;
    const auto [stopped, failed] = std::from_chars(text.data(), end, head.seq);
    const auto hash = crypto::unhex(text.substr(colon + 1));
    if (failed != std::errc() || stopped != end || head.seq < 0 || !hash || hash->size() != 32)
        return std::nullopt;
    head.hash = *hash;
    return head;
}

}  // namespace astrotalk::privacy
