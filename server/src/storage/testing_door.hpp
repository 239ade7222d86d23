// The embedded store with its door: a folder of its own, served over HTTP on a port of its own. For tests.
#pragma once

#include "http/gateway.hpp"
#include "http/testing_server.hpp"
#include "storage/embedded_store.hpp"
#include "storage/storage.hpp"

namespace astrotalk::storage {

class testing_door {
  public:
    testing_door()
        : folder_(std::filesystem::temp_directory_path() / ("astrotalk-door-" + uuid::v7().to_string())),
          vault_(folder_, keys_, {"astrotalk-documents", "astrotalk-public"}),
          service_{&vault_,
                   files_,
                   [](std::string id, std::string) { return signer_of(std::move(id)); },
                   "ap-south-1",
                   {{"astrotalk-documents"}, {"astrotalk-public", true}},
                   4u << 20},
          limits_({10'000, 10'000}, {1, 1}) {
        routes_.mount(service_, routes());
        http::gateway_hooks hooks;
        hooks.restate = [](std::string_view, http::response& r) { restate_refusal(r); };
        gateway_.emplace(routes_, limits_, http::gateway_options{}, std::move(hooks));
        http::server_options how;
        how.admit_large_body = [this](http::request& head, std::size_t) { return admit_body(head); };
        how.restate = [](std::string_view, http::response& r) { restate_refusal(r); };
        server_.emplace(std::move(how),
                        [this](http::request& in, std::size_t) { return gateway_->handle(in); });
    }
    ~testing_door() {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::string endpoint() const { return fmt::format("http://127.0.0.1:{}/storage", server_->port()); }
    static aws::credentials who() { return {"AKIATEST", secret("a secret"), {}}; }
    // Signs links for uploads below incoming/, and for reading what is below papers/.
    static aws::credentials confined() { return {"AKIACONFINED", secret("another secret"), {}}; }
    vault& objects() { return vault_; }
    thread_pool& files() { return files_; }

  private:
    static task<std::optional<signer>> signer_of(std::string id) {
        if (id == "AKIATEST") co_return signer{who().secret_access_key};
        if (id == "AKIACONFINED")
            co_return signer{confined().secret_access_key,
                             {{http::verb::put, "astrotalk-documents", "incoming/"},
                              {http::verb::get, "astrotalk-documents", "papers/"}}};
        co_return std::nullopt;
    }
    task<http::server_options::admission> admit_body(http::request& head) {
        auto said = co_await admit(service_, head);
        co_return http::server_options::admission{said.limit, std::move(said.refusal)};
    }

    crypto::keyring keys_{bytes(32, 1)};
    std::filesystem::path folder_;
    vault vault_;
    thread_pool files_{2, 64};
    service service_;
    http::router routes_;
    http::rate_limits limits_;
    std::optional<http::gateway> gateway_;
    std::optional<http::testing_server> server_;
};

}  // namespace astrotalk::storage
