// The few calls on files that the vault is made of. They block: never on an I/O thread.
//
// Errors: std::system_error, which names what failed and no object.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace astrotalk::storage {

// An open file or folder, closed with it.
class descriptor {
  public:
    explicit descriptor(int fd = -1) : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor();
    int get() const { return fd_; }

  private:
    int fd_;
};

descriptor create_file(const std::filesystem::path& path);               // new, private, locked
std::optional<descriptor> open_file(const std::filesystem::path& path);  // to read; nothing: there is none
descriptor open_folder(const std::filesystem::path& path);  // made, and its parent synced, if missing

void write_all(const descriptor& to, std::string_view data);
// Fewer bytes only at the file's end.
std::string read_at(const descriptor& from, std::uint64_t offset, std::size_t size);
void sync(const descriptor& what);
struct stat facts_of(const descriptor& of);
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Holds others of any process off until it ends. Kept by nobody who has died.
class exclusive {
  public:
    explicit exclusive(const descriptor& on);
    ~exclusive();
    exclusive(const exclusive&) = delete;

  private:
    int fd_;
};
// Whether nobody holds it.
bool is_abandoned(const descriptor& what);

}  // namespace astrotalk::storage
