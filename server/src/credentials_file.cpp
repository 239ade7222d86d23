#include "credentials_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

namespace astrotalk {
namespace {

namespace json = boost::json;

// An open file, closed with it. The data folder's is locked while its credentials change.
class descriptor {
  public:
    descriptor(const std::filesystem::path& of, int flags, mode_t mode = 0)
        : fd_(open(of.c_str(), flags | O_CLOEXEC, mode)) {
        if (fd_ < 0) throw std::runtime_error(fmt::format("cannot open {}", of.string()));
    }
    ~descriptor() { close(fd_); }
    descriptor(const descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

json::object read_object(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) return {};
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    boost::system::error_code failed;
    auto value = json::parse(text, failed);
    if (failed || !value.is_object())
        throw std::runtime_error(fmt::format("{} is not a JSON object: move it away", file.string()));
    return std::move(value.as_object());
}

}  // namespace

void write_credentials(const settings& s, std::string_view member, std::string_view value) {
    const std::filesystem::path folder(s.data_dir), file = folder / "credentials.json";
    const descriptor lock(folder, O_RDONLY | O_DIRECTORY);
    if (flock(lock.get(), LOCK_EX) != 0)
        throw std::runtime_error(fmt::format("cannot lock {}", folder.string()));
    auto all = read_object(file);
    all[member] = json::parse({value.data(), value.size()});
    const std::string text = json::serialize(all) + "\n";
    const auto next = folder / "credentials.json.new";
    std::filesystem::remove(next);
    {
        const descriptor out(next, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (write(out.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            throw std::runtime_error(fmt::format("cannot write {}", next.string()));
    }
    std::filesystem::rename(next, file);
}

std::optional<secret> read_demo_totp_secret(const settings& s) {
    const auto all = read_object(std::filesystem::path(s.data_dir) / "credentials.json");
    const auto* accounts = all.if_contains("demo");
    if (!accounts || !accounts->is_array()) return std::nullopt;
    for (const auto& account : accounts->get_array()) {
        const auto* shown = account.is_object() ? account.get_object().if_contains("totpSecret") : nullptr;
        if (shown && shown->is_string()) return secret(std::string(shown->get_string()));
    }
    return std::nullopt;
}

std::string credential_json(const identity::admin_credential& of) {
    return json::serialize(json::object{{"accessKeyId", of.access_key_id},
                                        {"secretAccessKey", of.secret_access_key.reveal()},
                                        {"region", of.region},
                                        {"userPoolId", of.user_pool_id}});
}

}  // namespace astrotalk
