#include <gtest/gtest.h>

#include "http/http.hpp"

namespace astrotalk::http {
namespace {

struct nothing {};

task<response> answer(nothing&, exchange&) { co_return response{}; }

constexpr route<nothing> table[] = {
    {verb::get, "/v1/bookings", access::signed_in, answer},
    {verb::post, "/v1/bookings", access::signed_in, answer, idempotent::required},
    {verb::get, "/v1/bookings/{id}", access::signed_in, answer},
    {verb::get, "/v1/bookings/latest", access::signed_in, answer},
    {verb::post, "/v1/bookings/{id}/cancel", access::signed_in, answer},
    {verb::delete_, "/v1/holds/{id}", access::signed_in, answer},
    {verb::post, "/cognito/", access::anyone, answer},
    {verb::get, "/docs/{file*}", access::anyone, answer},
    {verb::get, "/", access::anyone, answer},
};

router make() {
    static nothing service;
    router r;
    r.mount(service, std::span<const route<nothing>>(table));
    return r;
}

TEST(router, finds_by_method_and_path) {
    struct {
        verb method;
        const char* path;
        const char* label;  // null: none
        const char* value;
        const char* allowed;
    } const rows[] = {
        {verb::get, "/v1/bookings", "GET /v1/bookings", "", ""},
        {verb::post, "/v1/bookings", "POST /v1/bookings", "", ""},
        {verb::head, "/v1/bookings", "GET /v1/bookings", "", ""},
        {verb::get, "/v1/bookings/x%20y", "GET /v1/bookings/{id}", "x%20y", ""},
        {verb::get, "/v1/bookings/latest", "GET /v1/bookings/latest", "", ""},
        {verb::post, "/v1/bookings/latest/cancel", "POST /v1/bookings/{id}/cancel", "latest", ""},
        {verb::post, "/cognito/", "POST /cognito/", "", ""},
        {verb::get, "/docs/a/b.css", "GET /docs/{file*}", "a/b.css", ""},
        {verb::get, "/docs/", "GET /docs/{file*}", "", ""},
        {verb::get, "/", "GET /", "", ""},
        {verb::post, "/cognito", nullptr, "", ""},
        {verb::get, "/v1/bookings/", nullptr, "", ""},
        {verb::get, "/v1", nullptr, "", ""},
        {verb::get, "", nullptr, "", ""},
        {verb::get, "*", nullptr, "", ""},
        {verb::put, "/v1/bookings", nullptr, "", "GET, HEAD, POST, OPTIONS"},
        {verb::unknown, "/v1/holds/1", nullptr, "", "DELETE, OPTIONS"},
        {verb::head, "/v1/holds/1", nullptr, "", "DELETE, OPTIONS"},
    };
    const router r = make();
    for (const auto& row : rows) {
        const auto found = r.find(row.method, row.path);
        ASSERT_EQ(found.route != nullptr, row.label != nullptr) << row.path;
        if (found.route) EXPECT_EQ(found.route->label, row.label);
        if (found.route) EXPECT_EQ(found.values[0], row.value) << row.path;
        EXPECT_EQ(found.allowed, row.allowed) << row.path;
    }
    EXPECT_EQ(r.routes().size(), std::size(table));
}

TEST(request, decodes_parameters) {
    request r;
    r.query = "to=%2B91&q=a+b%26&empty=&bare&bad=%zz&cut=%4&nul=%00&utf=%ff&to=second";
    EXPECT_EQ(r.parameter("to"), "+91");
    EXPECT_EQ(r.parameter("q"), "a b&");
    EXPECT_EQ(r.parameter("empty"), "");
    EXPECT_EQ(r.parameter("bare"), "");
    for (const auto* name : {"bad", "cut", "nul", "utf", "missing"}) EXPECT_FALSE(r.parameter(name)) << name;
    EXPECT_EQ(decode_path_value("a+b%2F"), "a+b/");
}

}  // namespace
}  // namespace astrotalk::http
