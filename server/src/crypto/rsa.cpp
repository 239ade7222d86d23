#include "crypto/rsa.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/verify.hpp"

namespace astrotalk::crypto {
namespace {

template <auto Free>
struct deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using key_ptr = std::shared_ptr<EVP_PKEY>;  // OpenSSL counts references too; sharing spares the up-ref calls
using context_ptr = std::unique_ptr<EVP_PKEY_CTX, deleter<EVP_PKEY_CTX_free>>;
using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free_all>>;
using number_ptr = std::unique_ptr<BIGNUM, deleter<BN_free>>;

constexpr int smallest_modulus_bits = 2048;

const EVP_MD* sha256_algorithm() {
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return fetched;
}

key_ptr own(EVP_PKEY* raw) { return {raw, EVP_PKEY_free}; }

bool usable(const key_ptr& key) {
    return key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA &&
           EVP_PKEY_get_bits(key.get()) >= smallest_modulus_bits;
}

context_ptr context_for(const key_ptr& key) {
    context_ptr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    verify(context != nullptr);
    return context;
}

void choose_rs256(EVP_PKEY_CTX* context) {
    verify(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, sha256_algorithm()) == 1);
}

std::string number(const key_ptr& key, const char* name) {
    BIGNUM* raw = nullptr;
    verify(EVP_PKEY_get_bn_param(key.get(), name, &raw) == 1);
    const number_ptr value(raw);
    bytes big_endian(static_cast<std::size_t>(BN_num_bytes(value.get())));
    BN_bn2bin(value.get(), big_endian.data());
    return base64url_encode(big_endian);
}

}  // namespace

struct rsa_public_key::state {
    key_ptr key;
    context_ptr context;

    explicit state(key_ptr of) : key(std::move(of)), context(context_for(key)) {
        verify(EVP_PKEY_verify_init(context.get()) == 1);
        choose_rs256(context.get());
    }
};

rsa_public_key::rsa_public_key(std::unique_ptr<state> made) : state_(std::move(made)) {}
rsa_public_key::~rsa_public_key() = default;
rsa_public_key::rsa_public_key(const rsa_public_key& other)
    : state_(std::make_unique<state>(other.state_->key)) {}
rsa_public_key::rsa_public_key(rsa_public_key&&) noexcept = default;

std::optional<rsa_public_key> rsa_public_key::from_jwk(std::string_view n, std::string_view e) {
    const auto modulus = base64url_decode(n), exponent = base64url_decode(e);
    if (!modulus || !exponent) return std::nullopt;
    const number_ptr big_n(BN_bin2bn(modulus->data(), static_cast<int>(modulus->size()), nullptr));
    const number_ptr big_e(BN_bin2bn(exponent->data(), static_cast<int>(exponent->size()), nullptr));
    const std::unique_ptr<OSSL_PARAM_BLD, deleter<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
    verify(big_n && big_e && builder &&
           OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, big_n.get()) == 1 &&
           OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, big_e.get()) == 1);
    const std::unique_ptr<OSSL_PARAM, deleter<OSSL_PARAM_free>> parameters(
        OSSL_PARAM_BLD_to_param(builder.get()));
    const context_ptr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* raw = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return std::nullopt;
    const key_ptr key = own(raw);
    if (!usable(key)) return std::nullopt;
    return rsa_public_key(std::make_unique<state>(key));
}

bool rsa_public_key::verify_rs256(input data, input signature) const {
    const bytes digest = sha256(data);
    const bool valid = EVP_PKEY_verify(state_->context.get(), signature.data(), signature.size(),
                                       digest.data(), digest.size()) == 1;
    if (!valid) ERR_clear_error();
    return valid;
}

std::string rsa_public_key::n() const { return number(state_->key, OSSL_PKEY_PARAM_RSA_N); }
std::string rsa_public_key::e() const { return number(state_->key, OSSL_PKEY_PARAM_RSA_E); }

struct rsa_key::state {
    key_ptr key;
};

rsa_key::rsa_key(std::unique_ptr<state> made) : state_(std::move(made)) {}
rsa_key::~rsa_key() = default;
rsa_key::rsa_key(rsa_key&&) noexcept = default;

rsa_key rsa_key::generate() {
    key_ptr key = own(EVP_RSA_gen(smallest_modulus_bits));
    verify(usable(key));
    return rsa_key(std::make_unique<state>(std::move(key)));
}

std::optional<rsa_key> rsa_key::from_pem(std::string_view pem) {
    const bio_ptr source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    char no_password[] = "";  // an encrypted key must be refused, not asked about at the terminal
    key_ptr key = own(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, no_password));
    ERR_clear_error();
    if (!usable(key)) return std::nullopt;
    return rsa_key(std::make_unique<state>(std::move(key)));
}

secret rsa_key::to_pem() const {
    const bio_ptr sink(BIO_new(BIO_s_mem()));
    verify(PEM_write_bio_PKCS8PrivateKey(sink.get(), state_->key.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(sink.get(), &text);
    return secret(std::string(text, static_cast<std::size_t>(size)));
}

bytes rsa_key::sign_rs256(input data) const {
    const bytes digest = sha256(data);
    const context_ptr context = context_for(state_->key);
    verify(EVP_PKEY_sign_init(context.get()) == 1);
    choose_rs256(context.get());
    bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get())));
    std::size_t size = signature.size();
    verify(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1);
    signature.resize(size);
    return signature;
}

rsa_public_key rsa_key::public_key() const {
    return rsa_public_key(std::make_unique<rsa_public_key::state>(state_->key));
}

}  // namespace astrotalk::crypto
