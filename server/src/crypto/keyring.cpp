#include "crypto/keyring.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <unordered_map>

#include "core/verify.hpp"

namespace astrotalk::crypto {
namespace {

constexpr std::size_t header_size = 5, nonce_size = 12, tag_size = 16, master_size = 32;

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
    key master{};
    std::array<unsigned char, header_size> header{};  // version and key id
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string, std::unique_ptr<key>, name_hash, std::equal_to<>> subkeys;

    ~state() {
        OPENSSL_cleanse(master.data(), master.size());
        for (auto& [purpose, subkey] : subkeys) OPENSSL_cleanse(subkey->data(), subkey->size());
    }
};

keyring::keyring(const bytes& master) : state_(std::make_unique<state>()) {
    verify(master.size() == master_size);
    std::copy(master.begin(), master.end(), state_->master.begin());
    const bytes id = hkdf_sha256(master, "astrotalk", "key-id", 4);
    state_->header[0] = 1;
    std::copy(id.begin(), id.end(), state_->header.begin() + 1);
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

const keyring::key& keyring::derived(std::string_view purpose) const {
    {
        std::shared_lock lock(state_->mutex);
        if (const auto found = state_->subkeys.find(purpose); found != state_->subkeys.end())
            return *found->second;
    }
    const bytes made = hkdf_sha256(state_->master, "astrotalk", fmt::format("purpose:{}", purpose), 32);
    auto subkey = std::make_unique<key>();
    std::copy(made.begin(), made.end(), subkey->begin());
    std::unique_lock lock(state_->mutex);
    return *state_->subkeys.try_emplace(std::string(purpose), std::move(subkey)).first->second;
}

bytes keyring::mac(std::string_view purpose, input data) const { return hmac_sha256(derived(purpose), data); }

bytes keyring::seal(std::string_view purpose, input plaintext, input aad) const {
    bytes sealed(state_->header.begin(), state_->header.end());
    const bytes nonce = random_bytes(nonce_size);
    const bytes locked = gcm_encrypt(derived(purpose), nonce, plaintext, authenticated(sealed.data(), aad));
    sealed.insert(sealed.end(), nonce.begin(), nonce.end());
    sealed.insert(sealed.end(), locked.begin(), locked.end());
    return sealed;
}

std::optional<std::string> keyring::open(std::string_view purpose, input sealed, input aad) const {
    if (sealed.size() < header_size + nonce_size + tag_size) return std::nullopt;
    if (!std::equal(state_->header.begin(), state_->header.end(), sealed.data())) return std::nullopt;
    const std::span<const unsigned char> all(sealed.data(), sealed.size());
    const auto opened = gcm_decrypt(derived(purpose), all.subspan(header_size, nonce_size),
                                    all.subspan(header_size + nonce_size), authenticated(sealed.data(), aad));
    if (!opened) return std::nullopt;
    return to_text(*opened);
}

}  // namespace astrotalk::crypto
