#include "storage/vault.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "crypto/crypto.hpp"

namespace astrotalk::storage {
namespace {

namespace fs = std::filesystem;

class vault_test : public testing::Test {
  protected:
    vault_test() : folder_(fs::temp_directory_path() / ("astrotalk-vault-" + uuid::v7().to_string())) {
        open();
    }
    ~vault_test() override {
        vault_.reset();
        fs::remove_all(folder_);
    }
    void open() { vault_.emplace(folder_, keys_, std::vector<std::string>{"documents", "public"}); }

    std::string content(const std::string& key, std::optional<byte_span> part = {}) {
        const auto found = vault_->get(
            "documents", key, [&](const object_facts& of) { return part.value_or(byte_span{0, of.size}); });
        return found ? found->content : "nothing";
    }
    void put(const std::string& key, std::string_view text) {
        EXPECT_TRUE(vault_->put("documents", key, {}, text));
    }
    std::vector<fs::path> files() const {
        std::vector<fs::path> all;
        for (const auto& each : fs::recursive_directory_iterator(folder_))
            if (each.is_regular_file()) all.push_back(each.path());
        return all;
    }
    std::string keys() {
        std::string all;
        for (const auto& each : vault_->list("documents", {}).objects) all += each.key + " ";
        return all;
    }

    crypto::keyring keys_{bytes(32, 1)};
    fs::path folder_;
    std::optional<vault> vault_;
};

std::string long_text(std::size_t size) {
    std::string made(size, 0);
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + i * 7 % 26 + i / 65536 % 3);
    return made;
}

TEST_F(vault_test, what_is_put_is_got_whole_and_in_parts) {
    const auto text = long_text(3 * frame_size + 5);
    put("a", text);
    EXPECT_EQ(content("a"), text);
    for (const byte_span span : {byte_span{0, 1},
                                 {frame_size - 1, 2},
                                 {frame_size, frame_size},
                                 {3 * frame_size + 4, 1},
                                 {7, 2 * frame_size}})
        EXPECT_TRUE(content("a", span) == text.substr(span.first, span.size)) << span.first;
    put("empty", "");
    EXPECT_EQ(content("empty"), "");
    EXPECT_EQ(vault_->head("documents", "empty")->etag, "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_FALSE(vault_->head("documents", "b"));
    EXPECT_FALSE(vault_->head("public", "a")) << "another bucket";
}

TEST_F(vault_test, no_key_reaches_the_file_system_and_nothing_is_in_clear) {
    const std::string marker = "asha@example.in";
    for (const std::string& key :
         {marker, "../../" + marker, "/etc/" + marker, std::string("a\nb"), std::string(1024, 'x')})
        put(key, marker);
    const auto inside = folder_.string();
    for (const auto& file : files()) {
        EXPECT_TRUE(file.string().starts_with(inside));
        EXPECT_EQ(file.string().find("asha"), std::string::npos) << file;
        std::ifstream in(file, std::ios::binary);
        const std::string data{std::istreambuf_iterator<char>(in), {}};
        EXPECT_EQ(data.find(marker), std::string::npos);
        EXPECT_EQ(fs::status(file).permissions() & fs::perms(077), fs::perms::none);
    }
    EXPECT_EQ(files().size(), 5u);
    EXPECT_EQ(content("../../" + marker), marker);
}

TEST_F(vault_test, whatever_is_changed_on_disk_does_not_open) {
    put("a", long_text(2 * frame_size));
    const auto file = files().at(0);
    const auto size = fs::file_size(file);
    const auto change = [&](std::uint64_t at) {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekg(static_cast<std::streamoff>(at));
        const char was = static_cast<char>(out.get());
        out.seekp(static_cast<std::streamoff>(at));
        out.put(static_cast<char>(was ^ 1));
    };
    for (const std::uint64_t at : {std::uint64_t{2}, std::uint64_t{9}, std::uint64_t{40}, size - 1}) {
        change(at);
        EXPECT_THROW(content("a"), std::runtime_error) << at;
        change(at);
        EXPECT_NO_THROW(content("a"));
    }
    fs::resize_file(file, size - frame_size - frame_overhead);
    EXPECT_THROW(content("a"), std::runtime_error) << "a frame cut off";
}

TEST_F(vault_test, an_object_does_not_open_in_anothers_place) {
    put("a", "of a");
    const auto of_a = files().at(0);
    put("b", "of b");
    const auto all = files();
    const auto of_b = all[0] == of_a ? all[1] : all[0];
    fs::copy_file(of_a, of_b, fs::copy_options::overwrite_existing);
    EXPECT_THROW(content("b"), std::runtime_error);
}

TEST_F(vault_test, parallel_puts_of_one_key_leave_one_whole) {
    std::vector<std::string> texts;
    for (char c = 'a'; c < 'i'; ++c) texts.push_back(std::string(2 * frame_size + 9, c));
    std::atomic<bool> stop{false};
    put("k", texts[0]);
    std::jthread reader([&] {
        while (!stop) {
            const auto read = content("k");
            EXPECT_TRUE(std::find(texts.begin(), texts.end(), read) != texts.end());
        }
    });
    {
        std::vector<std::jthread> writers;
        for (const auto& text : texts)
            writers.emplace_back([&] {
                for (int i = 0; i < 10; ++i) put("k", text);
            });
    }
    stop = true;
    reader.join();
    EXPECT_EQ(files().size(), 1u);
}

TEST_F(vault_test, of_parallel_puts_that_want_to_be_the_first_one_is) {
    for (int round = 0; round < 10; ++round) {
        const auto key = "k" + std::to_string(round);
        std::atomic<int> first{0};
        {
            std::vector<std::jthread> writers;
            for (int i = 0; i < 6; ++i)
                writers.emplace_back([&] {
                    first += vault_->put("documents", key, {}, "text", {.if_none_match = true}).has_value();
                });
        }
        EXPECT_EQ(first, 1);
    }
}

TEST_F(vault_test, of_parallel_changes_of_what_was_read_one_holds) {
    put("k", "0");
    for (int round = 0; round < 10; ++round) {
        const auto seen = vault_->head("documents", "k")->etag;
        std::atomic<int> held{0};
        {
            std::vector<std::jthread> writers;
            for (int i = 0; i < 6; ++i)
                writers.emplace_back([&, i] {
                    const auto text = fmt::format("{} {}", round, i);
                    held += vault_->put("documents", "k", {}, text, {.if_match = seen}).has_value();
                });
        }
        EXPECT_EQ(held, 1);
    }
    EXPECT_EQ(vault_->put("documents", "none", {}, "", {.if_match = "x"}).error(), write_verdict::missing);
}

TEST_F(vault_test, what_a_crash_left_is_swept_and_what_is_being_written_is_not) {
    put("a", "text");
    std::ofstream(folder_ / ".incoming/left") << "half";
    const auto held = create_file(folder_ / ".incoming/held");
    open();
    EXPECT_FALSE(fs::exists(folder_ / ".incoming/left"));
    EXPECT_TRUE(fs::exists(folder_ / ".incoming/held"));
    EXPECT_EQ(content("a"), "text");
}

TEST_F(vault_test, a_refused_write_leaves_nothing) {
    put("a", "text");
    EXPECT_FALSE(vault_->put("documents", "a", {}, "other", {.if_none_match = true}));
    EXPECT_EQ(files().size(), 1u);
    EXPECT_EQ(content("a"), "text");
}

TEST_F(vault_test, a_listing_follows_every_change_also_of_another_process) {
    EXPECT_EQ(keys(), "");
    put("b", "1");
    put("a", "1");
    EXPECT_EQ(keys(), "a b ");
    vault other(folder_, keys_, {"documents", "public"});
    EXPECT_TRUE(other.put("documents", "c", {}, "1"));
    other.remove("documents", "a");
    other.remove("documents", "a");
    EXPECT_EQ(keys(), "b c ");
    EXPECT_TRUE(other.put("documents", "b", {}, "123"));
    EXPECT_EQ(vault_->list("documents", {.prefix = "b"}).objects.at(0).size, 3u);
    for (int i = 0; i < 60; ++i) {
        put(fmt::format("n{:03}", i), "x");
        ASSERT_EQ(vault_->list("documents", {.prefix = "n"}).objects.size(), static_cast<std::size_t>(i) + 1);
    }
    EXPECT_EQ(vault_->list("public", {}).objects.size(), 0u);
}

TEST_F(vault_test, a_listing_does_without_what_does_not_open) {
    put("a", "1");
    const auto file = files().at(0);
    put("b", "1");
    std::ofstream(file) << "rubbish";
    EXPECT_EQ(keys(), "b ");
}

void rotate(crypto::keyring& keys) {
    const auto made = keys.make_data_key();
    keys.learn(made);
    keys.seal_with(made.id);
}

TEST_F(vault_test, objects_are_sealed_anew_under_a_new_data_key_once) {
    const auto text = long_text(2 * frame_size + 1);
    put("a", text);
    put("b", "b");
    const auto before = *vault_->head("documents", "a");
    rotate(keys_);
    put("c", "c");
    for (const std::int64_t expected : {2, 0}) {
        const auto done = vault_->reseal();
        EXPECT_EQ(done.changed, expected);
        EXPECT_EQ(done.unreadable, 0);
    }
    EXPECT_EQ(content("a"), text);
    EXPECT_EQ(content("b"), "b");
    const auto now = *vault_->head("documents", "a");
    EXPECT_EQ(now.etag, before.etag);
    EXPECT_EQ(now.modified, before.modified);
    // By nobody who has only the first key, which is what the rotation was for.
    const crypto::keyring first(bytes(32, 1));
    const vault old(folder_, first, {"documents"});
    EXPECT_THROW((void)old.head("documents", "a"), std::runtime_error);
}

TEST_F(vault_test, sealing_anew_counts_what_does_not_open_and_goes_on) {
    for (const char* key : {"a", "b", "c"}) put(key, key);
    std::ofstream(files().at(0)) << "rubbish";
    rotate(keys_);
    const auto done = vault_->reseal();
    EXPECT_EQ(done.changed, 2);
    EXPECT_EQ(done.unreadable, 1);
    EXPECT_EQ(files().size(), 3u);
}

TEST_F(vault_test, sealing_anew_undoes_no_write_and_no_removal) {
    for (int i = 0; i < 40; ++i) put(fmt::format("k{}", i), "old");
    rotate(keys_);
    std::jthread sealer([&] {
        for (int i = 0; i < 5; ++i) {
            vault_->reseal();
            rotate(keys_);
        }
    });
    for (int i = 0; i < 40; ++i) {
        if (i % 2 == 0)
            put(fmt::format("k{}", i), "new");
        else
            vault_->remove("documents", fmt::format("k{}", i));
    }
    sealer.join();
    for (int i = 0; i < 40; ++i)
        EXPECT_EQ(content(fmt::format("k{}", i)), i % 2 == 0 ? "new" : "nothing") << i;
}

}  // namespace
}  // namespace astrotalk::storage
