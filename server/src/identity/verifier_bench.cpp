// What the check of an access token costs, as the gateway makes it before every request: the mean over random
// tokens of 10,000 users, of which one in a hundred has never been seen. And the same without newcomers in a
// verifier of the size that the server has.
//
//   identity_bench ROUNDS     prints one JSON object: nanoseconds of CPU a check, a number a round
#include <fmt/ranges.h>
#include <time.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "identity/tokens.hpp"
#include "identity/verify.hpp"

namespace astrotalk::identity {
namespace {

constexpr std::size_t users = 10'000, newcomers = 1'000, every = 100, checks = newcomers * every;
// Holds all users in one generation of its memory, so that only newcomers are examined.
constexpr std::size_t room_for_all = 4 * users;

struct installation {
    installation() {
        auto made = std::make_shared<app_client>();
        made->id = pool.client_id;
        auto snapshot = std::make_shared<pool_snapshot>();
        snapshot->version = 1;
        snapshot->clients.emplace(made->id, made);
        snapshot->keys.push_back({key, clock::now() - std::chrono::hours(1), std::nullopt});
        live.publish(snapshot);
        client = made;
    }

    const user_pool pool{.id = "ap-south-1_Measured1",
                         .region = "ap-south-1",
                         .issuer = "http://localhost:8080/cognito/ap-south-1_Measured1",
                         .identity_pool_id = "",
                         .client_id = "4c7ab53c0e0b4f18a1d2e3f405"};
    const std::shared_ptr<const signing_key> key =
        std::make_shared<const signing_key>(token_use::access, crypto::rsa_key::generate());
    client_ref client;
    live_pool live;
    revocations ended{std::chrono::hours(1)};
};

std::string token_of_somebody(const installation& here) {
    person who;
    who.id = user_id::make();
    who.user_type = "user";
    const auto now = clock::now();
    return here.key->sign(
        access_claims(here.pool.issuer, *here.client, who, {family_id::make(), now}, uuid::v7(), now));
}

// Signing is what takes long here, so every core does it.
std::vector<std::string> tokens_of(const installation& here, std::size_t count) {
    std::vector<std::string> all(count);
    std::vector<std::jthread> signers;
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    for (std::size_t core = 0; core < cores; ++core)
        signers.emplace_back([&, core] {
            for (std::size_t i = core; i < count; i += cores) all[i] = token_of_somebody(here);
        });
    return all;
}

// The tokens in the order in which they are presented.
using presented = std::vector<const std::string*>;

// Of this thread: what others do on the machine is not counted.
double cpu_nanoseconds() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

// A token is presented as a socket does it: copied into the request's own memory. What that costs is measured
// alone first, and taken off.
task<double> nanoseconds_a_check(installation& here, verifier& gate, const presented& tokens) {
    pg::client pg(loop::current(),
                  {});  // never asked, because the revocations are kept fresh, as a server's are
    std::string received;
    const double begin = cpu_nanoseconds();
    for (const auto* token : tokens) {
        received.assign(*token);
        asm volatile("" : : "r"(received.data()) : "memory");
    }
    const double copied = cpu_nanoseconds();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i % every == 0) here.ended.apply({}, clock::now(), std::chrono::steady_clock::now());
        received.assign(*tokens[i]);
        if (!co_await gate.authenticate(pg, received)) throw std::runtime_error("a token was refused");
    }
    const double checked = cpu_nanoseconds() - copied - (copied - begin);
    co_return checked / static_cast<double>(tokens.size());
}

// `gate` is new. The first tokens are the users'; those behind them come once each.
double measure(installation& here, verifier& gate, const std::vector<std::string>& tokens,
               std::mt19937_64& chance) {
    for (std::size_t i = 0; i < users; ++i)
        if (!gate.check(tokens[i])) throw std::runtime_error("a token was refused");
    presented order(checks);
    for (auto& each : order) each = &tokens[chance() % users];
    for (std::size_t i = users; i < tokens.size(); ++i) order[(i - users) * every] = &tokens[i];
    loop own;
    return own.run_until(nanoseconds_a_check(here, gate, order));
}

void run(int rounds) {
    installation here;
    const auto all = tokens_of(here, users + newcomers);
    const std::vector<std::string> of_users(all.begin(), all.begin() + users);
    std::mt19937_64 chance(7);
    std::vector<double> known, usual;
    for (int round = 0; round < rounds; ++round) {
        verifier roomy(here.pool, here.live, here.ended, room_for_all);
        known.push_back(measure(here, roomy, all, chance));
        verifier as_served(here.pool, here.live, here.ended);
        usual.push_back(measure(here, as_served, of_users, chance));
    }
    fmt::print("{{\"known\":[{:.0f}],\"asServed\":[{:.0f}]}}\n", fmt::join(known, ","),
               fmt::join(usual, ","));
}

}  // namespace
}  // namespace astrotalk::identity

int main(int argc, char** argv) {
    try {
        astrotalk::identity::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : 1);
    } catch (const std::exception& e) {
        fmt::print(stderr, "identity_bench: {}\n", e.what());
        return 1;
    }
}
