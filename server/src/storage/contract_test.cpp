// What the application may count on, of every store: the embedded one, S3's adapter at the embedded store's
// door, and the adapter at whatever ASTROTALK_TEST_S3_URL names (tools/radosgw), if anything.
#include <gtest/gtest.h>

#include <cstdlib>

#include "storage/links.hpp"
#include "storage/s3_store.hpp"
#include "storage/testing_door.hpp"

namespace astrotalk::storage {
namespace {

using namespace std::chrono_literals;

constexpr const char* bucket = "astrotalk-documents";

std::string of_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::vector<std::string> stores() {
    std::vector<std::string> all{"embedded", "door"};
    if (!of_environment("ASTROTALK_TEST_S3_URL").empty()) all.push_back("foreign");
    return all;
}

class contract : public testing::TestWithParam<std::string> {
  protected:
    contract() {
        if (GetParam() == "foreign") {
            store_ = std::make_unique<s3_store>(
                out_, s3_options{.endpoint = of_environment("ASTROTALK_TEST_S3_URL"),
                                 .region = "us-east-1",
                                 .who = {of_environment("ASTROTALK_TEST_S3_KEY"),
                                         secret(of_environment("ASTROTALK_TEST_S3_SECRET")), ""},
                                 .path_style = true,
                                 .object_limit = 4u << 20});
            return;
        }
        door_ = std::make_unique<testing_door>();
        if (GetParam() == "door")
            store_ = std::make_unique<s3_store>(out_, s3_options{.endpoint = door_->endpoint(),
                                                                 .region = "ap-south-1",
                                                                 .who = testing_door::who(),
                                                                 .path_style = true,
                                                                 .object_limit = 4u << 20});
        else
            store_ = std::make_unique<embedded_store>(door_->objects(), door_->files(),
                                                      embedded_options{.endpoint = door_->endpoint(),
                                                                       .region = "ap-south-1",
                                                                       .own = testing_door::who(),
                                                                       .object_limit = 4u << 20});
    }

    template <class T>
    T run(task<T> work) {
        return loop_.run_until(std::move(work));
    }
    result<object_facts, error> put(const std::string& key, std::string content, object_traits traits = {},
                                    write_condition condition = {}) {
        return run(
            store_->put(bucket, mine(key), std::move(traits), std::move(content), std::move(condition)));
    }
    result<object, error> get(const std::string& key, std::optional<byte_span> part = {}) {
        return run(store_->get(bucket, mine(key), part));
    }
    // Keys of this test alone, also where others use the bucket.
    std::string mine(const std::string& key) const { return own_ + key; }

    http::client_response follow(const std::string& link, http::verb how = http::verb::get,
                                 const std::string& body = {}, const std::string& type = {}) {
        http::client_request request{.method = how, .url = link, .body = body};
        if (!type.empty()) request.headers.emplace_back("content-type", type);
        return run(out_.send(std::move(request)));
    }

    std::string own_ = uuid::v7().to_string() + "/";
    loop loop_;
    std::unique_ptr<testing_door> door_;
    http::client out_;
    std::unique_ptr<object_store> store_;
};

TEST_P(contract, what_is_put_is_got_with_what_was_said_of_it) {
    const object_traits said{.content_type = "image/webp",
                             .cache_control = "max-age=60",
                             .content_disposition = "inline",
                             .content_language = "hi",
                             .metadata = {{"checked", "yes"}, {"pages", "3"}}};
    const auto stored = put("a", "content", said);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->etag, "9a0364b9e99bb480dd25e1f0284c8555");
    EXPECT_EQ(stored->size, 7u);
    const auto found = get("a");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->content, "content");
    const auto facts = run(store_->head(bucket, mine("a")));
    ASSERT_TRUE(facts);
    for (const auto* each : {&found->facts, &*facts}) {
        EXPECT_EQ(each->size, 7u);
        EXPECT_EQ(each->etag, stored->etag);
        EXPECT_EQ(each->traits, said);
        EXPECT_LT(std::chrono::abs(each->modified - clock::now()), 60s);
    }
}

TEST_P(contract, the_last_put_of_a_key_counts) {
    ASSERT_TRUE(put("a", "first", {.metadata = {{"m", "1"}}}));
    ASSERT_TRUE(put("a", "second", {.content_type = "text/plain"}));
    const auto found = get("a");
    EXPECT_EQ(found->content, "second");
    EXPECT_TRUE(found->facts.traits.metadata.empty());
}

TEST_P(contract, a_part_is_cut_to_what_is_there) {
    std::string text(200'000, 'a');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
    ASSERT_TRUE(put("a", text));
    for (const byte_span part : {byte_span{0, 1}, {65'530, 20}, {199'999, 1}, {100'000, 999'999}}) {
        const auto found = get("a", part);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->content, text.substr(part.first, part.size));
        EXPECT_EQ(found->facts.size, text.size());
    }
    EXPECT_EQ(get("a", byte_span{200'000, 1}).error(), error::no_such_range);
    EXPECT_EQ(get("a", byte_span{5, 0}).error(), error::no_such_range);
}

TEST_P(contract, what_is_removed_or_never_was_is_not_there) {
    ASSERT_TRUE(put("a", "x"));
    run(store_->remove(bucket, mine("a")));
    run(store_->remove(bucket, mine("a")));
    EXPECT_EQ(get("a").error(), error::no_such_object);
    EXPECT_EQ(run(store_->head(bucket, mine("a"))).error(), error::no_such_object);
}

TEST_P(contract, an_empty_object_and_a_large_one) {
    ASSERT_TRUE(put("empty", ""));
    EXPECT_EQ(get("empty")->content, "");
    const std::string large(3u << 20, 'l');
    ASSERT_TRUE(put("large", large));
    EXPECT_TRUE(get("large")->content == large);
    EXPECT_EQ(put("too large", std::string((4u << 20) + 1, 'x')).error(), error::too_large);
    EXPECT_EQ(get("too large").error(), error::no_such_object);
}

TEST_P(contract, conditions_of_writing_hold) {
    const auto first = put("a", "1", {}, {.if_none_match = true});
    ASSERT_TRUE(first);
    EXPECT_EQ(put("a", "2", {}, {.if_none_match = true}).error(), error::condition_failed);
    EXPECT_EQ(put("a", "2", {}, {.if_match = "0123456789abcdef0123456789abcdef"}).error(),
              error::condition_failed);
    EXPECT_EQ(get("a")->content, "1");
    EXPECT_TRUE(put("a", "3", {}, {.if_match = first->etag}));
    EXPECT_EQ(get("a")->content, "3");
    EXPECT_FALSE(put("none", "x", {}, {.if_match = first->etag}));
    EXPECT_EQ(get("none").error(), error::no_such_object);
}

const std::vector<std::string> odd_keys{
    "with a blank",   "हिन्दी/फ़ोटो.webp", "a+b",      "100%", "%2F",
    "../up",          "a/../b",          "/leading", "a//b", "what?#&=;,:@!$'()*[]",
    "\"<xml>&amp;\"", "trailing/",       "~.-_"};

TEST_P(contract, a_key_is_any_text) {
    for (const auto& key : odd_keys) ASSERT_TRUE(put(key, "of " + key)) << key;
    for (const auto& key : odd_keys) {
        const auto found = get(key);
        ASSERT_TRUE(found) << key;
        EXPECT_EQ(found->content, "of " + key);
    }
    std::vector<std::string> listed;
    for (const auto& each : run(store_->list(bucket, {.prefix = own_})).objects)
        listed.push_back(each.key.substr(own_.size()));
    auto all = odd_keys;
    std::sort(all.begin(), all.end());
    EXPECT_EQ(listed, all);
    for (const auto& key : odd_keys) run(store_->remove(bucket, mine(key)));
    EXPECT_TRUE(run(store_->list(bucket, {.prefix = own_})).objects.empty());
}

TEST_P(contract, a_listing_comes_in_pages) {
    for (int i = 0; i < 12; ++i) ASSERT_TRUE(put(fmt::format("p/{:02}", i), "x"));
    ASSERT_TRUE(put("q", "x"));
    list_request what{.prefix = mine("p/"), .most = 5};
    std::string keys;
    std::vector<std::size_t> sizes;
    for (int pages = 0; pages < 5; ++pages) {
        const auto found = run(store_->list(bucket, what));
        sizes.push_back(found.objects.size());
        for (const auto& each : found.objects) keys += each.key.substr(mine("p/").size());
        if (found.next.empty()) break;
        what.token = found.next;
    }
    EXPECT_EQ(keys, "000102030405060708091011");
    EXPECT_EQ(sizes, (std::vector<std::size_t>{5, 5, 2}));
    const auto top = run(store_->list(bucket, {.prefix = own_, .delimiter = "/"}));
    EXPECT_EQ(top.common_prefixes, std::vector<std::string>{mine("p/")});
    ASSERT_EQ(top.objects.size(), 1u);
    EXPECT_EQ(top.objects[0].key, mine("q"));
    EXPECT_EQ(top.objects[0].size, 1u);
    EXPECT_EQ(top.objects[0].etag, "9dd4e461268c8034f5c8564e155c67a6");
    const auto rest = run(store_->list(bucket, {.prefix = mine("p/"), .after = mine("p/09")}));
    EXPECT_EQ(rest.objects.size(), 2u);
}

TEST_P(contract, a_link_for_an_upload_takes_that_size_and_type_only) {
    const auto link = store_->link_to_put(bucket, mine("up load"), {"text/plain", 5}, 60s);
    for (const auto& [body, type] :
         {std::pair{"12345", "text/html"}, {"1234", "text/plain"}, {"123456", "text/plain"}})
        EXPECT_EQ(follow(link, http::verb::put, body, type).status, 403) << body << type;
    EXPECT_EQ(get("up load").error(), error::no_such_object);
    EXPECT_EQ(follow(link, http::verb::put, "12345", "text/plain").status, 200);
    EXPECT_EQ(get("up load")->content, "12345");
    EXPECT_EQ(get("up load")->facts.traits.content_type, "text/plain");
    // It is for that object, and for writing it.
    EXPECT_EQ(follow(link).status, 403);
    auto other = link;
    other.replace(other.find("up%20load"), 9, "another00");
    EXPECT_EQ(follow(other, http::verb::put, "12345", "text/plain").status, 403);
}

TEST_P(contract, a_link_for_reading_says_how_it_is_answered) {
    ASSERT_TRUE(put("क.pdf", "pdf", {.content_type = "application/pdf"}));
    const auto plain = follow(store_->link_to_get(bucket, mine("क.pdf"), {}, 60s));
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(plain.body, "pdf");
    const auto named = follow(store_->link_to_get(
        bucket, mine("क.pdf"), {"application/octet-stream", "attachment; filename=\"a b.pdf\""}, 60s));
    EXPECT_EQ(named.status, 200);
    std::map<std::string, std::string> headers(named.headers.begin(), named.headers.end());
    EXPECT_EQ(headers["content-type"], "application/octet-stream");
    EXPECT_EQ(headers["content-disposition"], "attachment; filename=\"a b.pdf\"");
    auto longer = store_->link_to_get(bucket, mine("क.pdf"), {}, 60s);
    longer.replace(longer.find("Expires=60"), 10, "Expires=61");
    EXPECT_EQ(follow(longer).status, 403);
}

INSTANTIATE_TEST_SUITE_P(stores, contract, testing::ValuesIn(stores()),
                         [](const auto& info) { return info.param; });

TEST(s3_store, an_outage_throws_and_a_wrong_key_too) {
    testing_door door;
    loop on;
    http::client out;
    const auto ask = [&](s3_options how) {
        s3_store store(out, std::move(how));
        (void)on.run_until(store.head(bucket, "a"));
    };
    s3_options how{.endpoint = "http://127.0.0.1:1", .region = "ap-south-1", .who = testing_door::who()};
    how.path_style = true;
    how.deadline = 500ms;
    EXPECT_THROW(ask(how), http::upstream_error);
    how.endpoint = door.endpoint();
    how.who.secret_access_key = secret("another");
    EXPECT_THROW(ask(how), http::upstream_error);
    how.who = testing_door::who();
    EXPECT_NO_THROW(ask(how));
}

// The key that the server signs links with is with every node; who has it has no more than such links.
TEST(confined_key, signs_links_for_what_it_was_granted_and_nothing_else) {
    testing_door door;
    loop on;
    http::client out;
    const auto sent = [&](http::verb how, const std::string& link, const std::string& type) {
        http::client_request request{
            .method = how, .url = link, .body = how == http::verb::put ? "12345" : ""};
        if (!type.empty()) request.headers.emplace_back("content-type", type);
        return on.run_until(out.send(std::move(request))).status;
    };
    const auto at = [&](const std::string& where, const std::string& key) {
        return address_of(door.endpoint(), where, key, true);
    };
    const auto put_to = [&](const std::string& where, const std::string& key) {
        return sent(
            http::verb::put,
            upload_link(at(where, key), {"text/plain", 5}, testing_door::confined(), "ap-south-1", 60s),
            "text/plain");
    };
    const auto got = [&](const std::string& where, const std::string& key) {
        return sent(http::verb::get,
                    download_link(at(where, key), {}, testing_door::confined(), "ap-south-1", 60s), "");
    };
    EXPECT_EQ(put_to(bucket, "incoming/a"), 200);
    for (const auto* key : {"papers/a", "a", "incomin", "../incoming/a"})
        EXPECT_EQ(put_to(bucket, key), 403) << key;
    EXPECT_EQ(put_to("astrotalk-public", "incoming/a"), 403);
    EXPECT_EQ(got(bucket, "incoming/a"), 403);
    EXPECT_EQ(got(bucket, ""), 403) << "the bucket's listing";
    const s3_options how{
        .endpoint = door.endpoint(), .region = "ap-south-1", .who = testing_door::who(), .path_style = true};
    s3_store whole(out, how);
    ASSERT_TRUE(on.run_until(whole.put(bucket, "papers/a", {}, "paper", {})));
    EXPECT_EQ(got(bucket, "papers/a"), 200);
    // By headers it may not even do that.
    auto other = how;
    other.who = testing_door::confined();
    s3_store confined(out, other);
    EXPECT_THROW((void)on.run_until(confined.get(bucket, "papers/a", {})), http::upstream_error);
    EXPECT_THROW((void)on.run_until(confined.put(bucket, "incoming/b", {}, "x", {})), http::upstream_error);
    EXPECT_THROW(on.run_until(confined.remove(bucket, "papers/a")), http::upstream_error);
    EXPECT_THROW((void)on.run_until(confined.list(bucket, {})), http::upstream_error);
    EXPECT_TRUE(on.run_until(whole.head(bucket, "papers/a")));
}

TEST(storage_door, methods_that_s3_does_not_know_are_refused_in_its_form) {
    testing_door door;
    loop on;
    http::client out;
    for (const auto how : {http::verb::patch, http::verb::options}) {
        const auto answer =
            on.run_until(out.send({.method = how, .url = door.endpoint() + "/astrotalk-documents/k"}));
        EXPECT_EQ(answer.status, 405);
        EXPECT_NE(answer.body.find("<Code>MethodNotAllowed</Code>"), std::string::npos) << answer.body;
    }
}

TEST(addresses, of_both_styles) {
    EXPECT_EQ(address_of("https://s3.ap-south-1.amazonaws.com", "b", "a b/क", false).url(),
              "https://b.s3.ap-south-1.amazonaws.com/a%20b/%E0%A4%95");
    EXPECT_EQ(address_of("http://h:8080/storage/", "b", "k", true).url(), "http://h:8080/storage/b/k");
    EXPECT_EQ(address_of("https://h:443", "b", "", true).url(), "https://h/b/");
    EXPECT_EQ(address_of("http://h:443", "b", "", true).host, "h:443");
}

}  // namespace
}  // namespace astrotalk::storage
