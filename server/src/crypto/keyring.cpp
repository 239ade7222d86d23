#include "crypto/keyring.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <unordered_map>

#include "core/verify.hpp"

namespace astrotalk::crypto {
namespace {

constexpr std::size_t header_size = 5, id_size = 4, nonce_size = 12, tag_size = 16, master_size = 32;

struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
};

// What is authenticated besides the ciphertext: the header and where the value lives.
bytes authenticated(const unsigned char* header, input aad) {
    bytes all(header, header + header_size);
    all.insert(all.end(), aad.begin(), aad.end());
    return all;
}

using key = std::array<unsigned char, 32>;

// A key and the keys derived from it, one for each purpose. The caller locks.
struct family {
    key root{};
    std::unordered_map<std::string, std::unique_ptr<key>, name_hash, std::equal_to<>> subkeys{};

    explicit family(const bytes& from) { std::copy(from.begin(), from.end(), root.begin()); }
    family(const family&) = delete;
    ~family() {
        OPENSSL_cleanse(root.data(), root.size());
        for (auto& [purpose, subkey] : subkeys) OPENSSL_cleanse(subkey->data(), subkey->size());
    }
};

struct data_key : family {
    std::array<unsigned char, header_size> header{1};  // version and key id
    data_key(const bytes& from, input id) : family(from) {
        std::copy(id.begin(), id.end(), header.begin() + 1);
    }
};

struct open_file {
    int fd;
    ~open_file() { close(fd); }
};

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view why) {
    throw std::runtime_error(fmt::format("master key {}: {}", file.string(), why));
}

void create(const std::filesystem::path& file) {
    const auto fresh = std::filesystem::path(fmt::format("{}.{}", file.string(), getpid()));
    {
        const open_file out{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
        if (out.fd < 0) refuse(file, "it does not exist and cannot be created");
        const bytes master = random_bytes(master_size);
        if (write(out.fd, master.data(), master.size()) != static_cast<ssize_t>(master_size) ||
            fsync(out.fd) != 0) {
            unlink(fresh.c_str());
            refuse(file, "it cannot be written (is the disk full?)");
        }
    }
    // A link, not a rename: when two processes start at once, the first one's key stays.
    const bool linked = link(fresh.c_str(), file.c_str()) == 0;
    const bool lost = !linked && errno == EEXIST;
    unlink(fresh.c_str());
    if (!linked && !lost) refuse(file, "it cannot be created");
}

}  // namespace

struct keyring::state {
    explicit state(const bytes& from) : master(from) {
        const bytes id = hkdf_sha256(from, "astrotalk", "key-id", id_size);
        data.push_back(std::make_unique<data_key>(from, id));
        current = data.front().get();
    }

    // Never moves once it is there.
    const key& derived(family& from, std::string_view purpose) {
        {
            std::shared_lock lock(mutex);
            if (const auto found = from.subkeys.find(purpose); found != from.subkeys.end())
                return *found->second;
        }
        const bytes made = hkdf_sha256(from.root, "astrotalk", fmt::format("purpose:{}", purpose), 32);
        auto subkey = std::make_unique<key>();
        std::copy(made.begin(), made.end(), subkey->begin());
        std::unique_lock lock(mutex);
        return *from.subkeys.try_emplace(std::string(purpose), std::move(subkey)).first->second;
    }

    // The data key of that version and id, or null.
    data_key* find(const unsigned char* header) {
        std::shared_lock lock(mutex);
        for (const auto& each : data)
            if (std::equal(each->header.begin(), each->header.end(), header)) return each.get();
        return nullptr;
    }

    bytes seal(data_key& under, std::string_view purpose, input plaintext, input aad) {
        bytes sealed(under.header.begin(), under.header.end());
        const bytes nonce = random_bytes(nonce_size);
        const bytes locked =
            gcm_encrypt(derived(under, purpose), nonce, plaintext, authenticated(sealed.data(), aad));
        sealed.insert(sealed.end(), nonce.begin(), nonce.end());
        sealed.insert(sealed.end(), locked.begin(), locked.end());
        return sealed;
    }

    family master;
    std::shared_mutex mutex;
    std::vector<std::unique_ptr<data_key>> data;  // only grows
    std::atomic<data_key*> current;
};

namespace {

constexpr std::string_view wrapping = "data-key";
std::string place_of(input id) { return "data_key.wrapped:" + hex(id); }

}  // namespace

keyring::keyring(const bytes& master) {
    verify(master.size() == master_size);
    state_ = std::make_unique<state>(master);
}

keyring::~keyring() = default;
keyring::keyring(keyring&&) noexcept = default;

keyring keyring::open_or_create(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) create(file);
    const open_file in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat facts{};
    if (in.fd < 0 || fstat(in.fd, &facts) != 0) refuse(file, "it cannot be read");
    if ((facts.st_mode & 077) != 0) refuse(file, "others may read it; make it private with chmod 600");
    bytes master(master_size + 1);
    const ssize_t size = read(in.fd, master.data(), master.size());
    if (size != static_cast<ssize_t>(master_size)) refuse(file, "it does not hold 32 bytes");
    master.resize(master_size);
    keyring made(master);
    OPENSSL_cleanse(master.data(), master.size());
    return made;
}

keyring::wrapped_key keyring::make_data_key() const {
    bytes id = random_bytes(id_size), made = random_bytes(master_size);
    bytes wrapped = state_->seal(*state_->data.front(), wrapping, made, place_of(id));
    OPENSSL_cleanse(made.data(), made.size());
    return {std::move(id), std::move(wrapped)};
}

bool keyring::learn(const wrapped_key& given) {
    if (given.id.size() != id_size) return false;
    bytes header{1};
    header.insert(header.end(), given.id.begin(), given.id.end());
    if (state_->find(header.data()) != nullptr) return true;
    auto opened = open(wrapping, given.wrapped, place_of(given.id));
    if (!opened || opened->size() != master_size) return false;
    bytes root(opened->begin(), opened->end());
    auto made = std::make_unique<data_key>(root, given.id);
    OPENSSL_cleanse(opened->data(), opened->size());
    OPENSSL_cleanse(root.data(), root.size());
    std::unique_lock lock(state_->mutex);
    state_->data.push_back(std::move(made));
    return true;
}

void keyring::seal_with(const bytes& id) {
    bytes header{1};
    header.insert(header.end(), id.begin(), id.end());
    data_key* const found = header.size() == header_size ? state_->find(header.data()) : nullptr;
    verify(found != nullptr);
    state_->current = found;
}

bytes keyring::current_key() const {
    const auto& header = state_->current.load()->header;
    return {header.begin() + 1, header.end()};
}

bytes keyring::mac(std::string_view purpose, input data) const {
    return hmac_sha256(state_->derived(state_->master, purpose), data);
}

bytes keyring::seal(std::string_view purpose, input plaintext, input aad) const {
    return state_->seal(*state_->current.load(), purpose, plaintext, aad);
}

std::optional<std::string> keyring::open(std::string_view purpose, input sealed, input aad) const {
    if (sealed.size() < header_size + nonce_size + tag_size) return std::nullopt;
    data_key* const by = state_->find(sealed.data());
    if (by == nullptr) return std::nullopt;
    const std::span<const unsigned char> all(sealed.data(), sealed.size());
    const auto opened = gcm_decrypt(state_->derived(*by, purpose), all.subspan(header_size, nonce_size),
                                    all.subspan(header_size + nonce_size), authenticated(sealed.data(), aad));
    if (!opened) return std::nullopt;
    return to_text(*opened);
}

}  // namespace astrotalk::crypto
