#include "storage/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace astrotalk::storage {
namespace {

[[noreturn]] void fail(const char* doing) { throw std::system_error(errno, std::system_category(), doing); }

// Again, when a signal came in between.
template <class Call>
auto undisturbed(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

}  // namespace

descriptor::~descriptor() {
    if (fd_ >= 0) close(fd_);
}

descriptor create_file(const std::filesystem::path& path) {
    descriptor made(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (made.get() < 0) fail("storage: cannot create a file");
    if (flock(made.get(), LOCK_EX | LOCK_NB) != 0) fail("storage: cannot lock a file");
    return made;
}

std::optional<descriptor> open_file(const std::filesystem::path& path) {
    descriptor found(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (found.get() >= 0) return found;
    if (errno == ENOENT) return std::nullopt;
    fail("storage: cannot open a file");
}

descriptor open_folder(const std::filesystem::path& path) {
    const auto opened = [&] { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); };
    descriptor found(opened());
    if (found.get() >= 0) return found;
    if (errno != ENOENT) fail("storage: cannot open a folder");
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("storage: cannot make a folder");
    const descriptor parent(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.get() < 0) fail("storage: cannot open a folder");
    sync(parent);
    descriptor made(opened());
    if (made.get() < 0) fail("storage: cannot open a folder");
    return made;
}

void write_all(const descriptor& to, std::string_view data) {
    while (!data.empty()) {
        const auto written = undisturbed([&] { return write(to.get(), data.data(), data.size()); });
        if (written <= 0) fail("storage: cannot write (is the disk full?)");
        data.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string read_at(const descriptor& from, std::uint64_t offset, std::size_t size) {
    std::string data(size, '\0');
    std::size_t had = 0;
    while (had < size) {
        const auto got = undisturbed([&] {
            return pread(from.get(), data.data() + had, size - had, static_cast<off_t>(offset + had));
        });
        if (got < 0) fail("storage: cannot read");
        if (got == 0) break;
        had += static_cast<std::size_t>(got);
    }
    data.resize(had);
    return data;
}

void sync(const descriptor& what) {
    if (fsync(what.get()) != 0) fail("storage: cannot sync");
}

struct stat facts_of(const descriptor& of) {
    struct stat facts{};
    if (fstat(of.get(), &facts) != 0) fail("storage: cannot look at a file");
    return facts;
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (rename(from.c_str(), to.c_str()) != 0) fail("storage: cannot rename a file");
}

exclusive::exclusive(const descriptor& on) : fd_(on.get()) {
    if (undisturbed([&] { return flock(fd_, LOCK_EX); }) != 0) fail("storage: cannot lock a folder");
}

exclusive::~exclusive() { flock(fd_, LOCK_UN); }

bool is_abandoned(const descriptor& what) { return flock(what.get(), LOCK_EX | LOCK_NB) == 0; }

}  // namespace astrotalk::storage
