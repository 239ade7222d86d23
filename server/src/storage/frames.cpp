#include "storage/frames.hpp"

#include "core/verify.hpp"

namespace astrotalk::storage {
namespace {

constexpr std::string_view magic = "ATO1", purpose = "storage.object";
constexpr std::size_t key_size = 32;

void put_number(std::string& out, std::uint64_t value, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 255);
}
void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size(), 4);
    out += text;
}

// Takes values from the front; `good` ends with the first that is not there.
struct reader {
    std::string_view rest;
    bool good = true;

    std::string_view take(std::size_t size) {
        good = good && size <= rest.size();
        if (!good) return {};
        const auto taken = rest.substr(0, size);
        rest.remove_prefix(size);
        return taken;
    }
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (const char c : take(size)) value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }
    std::string text() { return std::string(take(number(4))); }
};

template <class Traits, class Visit>
void each_text(Traits& traits, Visit visit) {
    for (auto* member :
         {&traits.content_type, &traits.cache_control, &traits.content_disposition, &traits.content_encoding,
          &traits.content_language, &traits.expires, &traits.checksum_algorithm, &traits.checksum})
        visit(*member);
}

std::string encode(const object_head& head) {
    std::string out = crypto::to_text(head.frame_key);
    out.append(reinterpret_cast<const char*>(head.version.bytes.data()), head.version.bytes.size());
    put_number(out, head.frame, 4);
    put_number(out, head.facts.size, 8);
    put_number(out, static_cast<std::uint64_t>(head.facts.modified.time_since_epoch().count()), 8);
    put_text(out, head.bucket);
    put_text(out, head.key);
    put_text(out, head.facts.etag);
    each_text(head.facts.traits, [&](const std::string& text) { put_text(out, text); });
    put_number(out, head.facts.traits.metadata.size(), 4);
    for (const auto& [name, value] : head.facts.traits.metadata) {
        put_text(out, name);
        put_text(out, value);
    }
    return out;
}

std::optional<object_head> decode(std::string_view text) {
    reader in{text};
    object_head head;
    const auto key = in.take(key_size), version = in.take(16);
    head.frame_key.assign(key.begin(), key.end());
    if (version.size() == 16) std::copy(version.begin(), version.end(), head.version.bytes.begin());
    head.frame = static_cast<std::uint32_t>(in.number(4));
    head.facts.size = in.number(8);
    head.facts.modified = instant(std::chrono::microseconds(static_cast<std::int64_t>(in.number(8))));
    head.bucket = in.text();
    head.key = in.text();
    head.facts.etag = in.text();
    each_text(head.facts.traits, [&](std::string& into) { into = in.text(); });
    for (auto left = in.number(4); left > 0 && in.good; --left) {
        auto name = in.text();
        head.facts.traits.metadata.emplace_back(std::move(name), in.text());
    }
    if (!in.good || !in.rest.empty() || head.frame == 0) return std::nullopt;
    return head;
}

// The last frame says so, so that nothing can be cut off between frames; the size in the head says it too.
std::string place_of(const object_head& of, std::uint64_t index) {
    std::string place(purpose);
    put_text(place, of.bucket);
    put_text(place, of.key);
    place.append(reinterpret_cast<const char*>(of.version.bytes.data()), of.version.bytes.size());
    put_number(place, index, 8);
    place += (index + 1) * of.frame >= of.facts.size ? 'l' : 'f';
    return place;
}

// The key seals each frame once, so its number is enough.
bytes nonce_of(std::uint64_t index) {
    bytes nonce(4, 0);
    for (int shift = 56; shift >= 0; shift -= 8) nonce.push_back(static_cast<unsigned char>(index >> shift));
    return nonce;
}

std::string head_place(std::string_view name) { return "storage.head:" + std::string(name); }

}  // namespace

std::string seal_head(const crypto::keyring& keys, const object_head& head, std::string_view name) {
    verify(head.frame_key.size() == key_size);
    const bytes sealed = keys.seal(purpose, encode(head), head_place(name));
    verify(prelude_size + sealed.size() <= longest_head);
    std::string out(magic);
    put_number(out, sealed.size(), 4);
    return out + crypto::to_text(sealed);
}

std::optional<std::size_t> head_size(std::string_view prelude) {
    if (prelude.size() < prelude_size || !prelude.starts_with(magic)) return std::nullopt;
    reader in{prelude.substr(magic.size())};
    const auto size = in.number(4) + prelude_size;
    return size <= longest_head ? std::optional<std::size_t>(size) : std::nullopt;
}

std::optional<object_head> open_head(const crypto::keyring& keys, std::string_view sealed,
                                     std::string_view name) {
    const auto opened = keys.open(purpose, sealed, head_place(name));
    return opened ? decode(*opened) : std::nullopt;
}

bytes sealed_by(std::string_view sealed) {
    if (sealed.size() < 5) return {};
    return {sealed.begin() + 1, sealed.begin() + 5};
}

bytes seal_frame(const object_head& of, std::uint64_t index, std::string_view content) {
    return crypto::gcm_encrypt(of.frame_key, nonce_of(index), content, place_of(of, index));
}

std::optional<bytes> open_frame(const object_head& of, std::uint64_t index, std::string_view sealed) {
    return crypto::gcm_decrypt(of.frame_key, nonce_of(index), sealed, place_of(of, index));
}

frame_run frames_of(const object_head& of, const byte_span& span) {
    frame_run run;
    if (span.size == 0) return run;
    const std::uint64_t whole = of.frame + frame_overhead;
    run.first = span.first / of.frame;
    run.count = (span.first + span.size - 1) / of.frame - run.first + 1;
    run.skip = static_cast<std::size_t>(span.first % of.frame);
    run.offset = run.first * whole;
    const auto content_end = std::min<std::uint64_t>((run.first + run.count) * of.frame, of.facts.size);
    run.size = content_end - run.first * of.frame + run.count * frame_overhead;
    return run;
}

}  // namespace astrotalk::storage
