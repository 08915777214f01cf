// SPDX-License-Identifier: BSL-1.0
#pragma once

// Reads roots, certificates and keys for OpenSSL and looks at them before anything is sent: a file
// that is missing, a key that belongs to another certificate, a day that has passed is an error of
// the start, with words, and not one of the first connection. One thread; called while a provider
// is made.

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "troupe/adapter/tls/settings.hpp"
#include "troupe/base/result.hpp"

namespace troupe::inline TROUPE_ABI::detail {

struct openssl_free {
    void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
    void operator()(SSL* p) const noexcept { SSL_free(p); }
    void operator()(BIO* p) const noexcept { BIO_free(p); }
    void operator()(X509* p) const noexcept { X509_free(p); }
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
    void operator()(ASN1_OBJECT* p) const noexcept { ASN1_OBJECT_free(p); }
    void operator()(GENERAL_NAMES* p) const noexcept { GENERAL_NAMES_free(p); }
    void operator()(X509_SIG* p) const noexcept { X509_SIG_free(p); }
};
template <class Type>
using openssl_ptr = std::unique_ptr<Type, openssl_free>;

/// The extension in whatever `tools/certs` has made.
inline constexpr char test_mark[] = "2.25.226192212115079919476649528082994241927";

inline bool has_test_mark(X509 const* certificate, ASN1_OBJECT const* mark) noexcept {
    return mark != nullptr && X509_get_ext_by_OBJ(certificate, mark, -1) >= 0;
}

/// What OpenSSL says of the first thing that went wrong in this thread. Takes it away.
inline std::string_view openssl_reason() noexcept {
    unsigned long const code = ERR_peek_error();
    ERR_clear_error();
    if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
        switch (ERR_GET_REASON(code)) {
            case SSL_R_EE_KEY_TOO_SMALL:
            case SSL_R_CA_KEY_TOO_SMALL:
            case SSL_R_CA_MD_TOO_WEAK: return "it is too weak: 112 bits of strength are the least";
            default: break;
        }
    }
    char const* const words = code == 0 ? nullptr : ERR_reason_error_string(code);
    return words == nullptr ? "for no reason that OpenSSL tells" : words;
}

/// Seconds since 1970.
inline std::int64_t seconds_of(ASN1_TIME const* time) noexcept {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
    return static_cast<std::int64_t>(timegm(&parts));
}

struct day_text {
    char text[32] = "?";
    explicit day_text(ASN1_TIME const* time) noexcept {
        std::tm parts{};
        if (ASN1_TIME_to_tm(time, &parts) == 1) {
            std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts);
        }
    }
};

/// Reads what settings name, into a context. `what` gives up at the first error.
class openssl_credentials {
public:
    openssl_credentials(SSL_CTX* context, bool test_accepted) noexcept
        : context_(context), mark_(OBJ_txt2obj(test_mark, 1)), test_accepted_(test_accepted) {}

    result<void, tls_error> trust(trust_roots const& roots) noexcept;
    /// Gives the second at which the certificate is no longer good.
    result<std::int64_t, tls_error> identify(certificate_chain const& chain,
                                             private_key const&       key) noexcept;

private:
    using error = tls_error::text_type;
    static constexpr std::size_t path_max = 4096;

    static error about(std::string_view what, tls_source const& from) noexcept {
        error words;
        words << "tls: " << what;
        name(words, from);
        words << ": ";
        return words;
    }
    /// Of a long path the end, so that there is room for the reason.
    static void name(error& words, tls_source const& from) noexcept {
        constexpr std::size_t most = 120;
        if (from.where != tls_source::place::file) return;
        std::string_view const path = from.text();
        words << " '";
        if (path.size() > most) words << "..." << path.substr(path.size() - most);
        else words << path;
        words << "'";
    }
    static openssl_ptr<BIO>  open(tls_source const& from, error& words) noexcept;
    static bool              is_pem(BIO* bio) noexcept;
    static bool              rewind(BIO* bio) noexcept;
    static openssl_ptr<X509> read_one(BIO* bio, bool pem) noexcept;
    static bool              ended(bool pem, std::size_t count, error& words) noexcept;
    bool                     may_be_used(X509* certificate, error& words) noexcept;
    static bool              is_in_time(X509 const* certificate, error& words) noexcept;

    SSL_CTX*                 context_;
    openssl_ptr<ASN1_OBJECT> mark_;
    bool                     test_accepted_;
};

/// Unbuffered: no copy of a key stays behind in a buffer of the C library.
inline openssl_ptr<BIO> openssl_credentials::open(tls_source const& from, error& words) noexcept {
    if (from.where == tls_source::place::memory) {
        if (from.text().empty() || from.text().size() > INT_MAX) {
            words << (from.text().empty() ? "the bytes are empty" : "the bytes are too many");
            return nullptr;
        }
        return openssl_ptr<BIO>{
            BIO_new_mem_buf(from.text().data(), static_cast<int>(from.text().size()))};
    }
    char path[path_max];
    if (from.text().empty() || from.text().size() >= path_max ||
        from.text().find('\0') != std::string_view::npos) {
        words << (from.text().empty() ? "the path is empty" : "this is no path");
        return nullptr;
    }
    path[from.text().copy(path, path_max - 1)] = '\0';
    // A pipe that nobody writes to does not hold us.
    int const file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);  // NOLINT: C
    if (file < 0) {
        switch (errno) {
            case ENOTDIR:
            case ENOENT: words << "there is no such file"; break;
            case EPERM:
            case EACCES: words << "it may not be read by this process"; break;
            case EMFILE:
            case ENFILE: words << "there is no descriptor left to read it"; break;
            default: words << "it cannot be opened"; break;
        }
        return nullptr;
    }
    openssl_ptr<BIO> bio{BIO_new_fd(file, BIO_CLOSE)};
    if (bio == nullptr) {
        ::close(file);
        words << "there is no memory to read it";
        return nullptr;
    }
    char first = 0;
    errno = 0;
    if (BIO_read(bio.get(), &first, 1) != 1) {
        words << (errno == EISDIR ? "it is a directory" : "it is empty, or no file");
        return nullptr;
    }
    if (!rewind(bio.get())) {
        words << "it is no plain file";
        return nullptr;
    }
    return bio;
}

/// DER begins with the mark of a sequence, which PEM, being text, cannot.
inline bool openssl_credentials::is_pem(BIO* bio) noexcept {
    char       first = 0;
    bool const pem = BIO_read(bio, &first, 1) == 1 && first != 0x30;
    (void)rewind(bio);
    return pem;
}
inline bool openssl_credentials::rewind(BIO* bio) noexcept {
    return BIO_method_type(bio) == BIO_TYPE_MEM ? BIO_reset(bio) == 1 : BIO_seek(bio, 0) >= 0;
}

inline openssl_ptr<X509> openssl_credentials::read_one(BIO* bio, bool pem) noexcept {
    return openssl_ptr<X509>{pem ? PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)
                                 : d2i_X509_bio(bio, nullptr)};
}

/// After the last certificate of a file: whether it was the end that was met, and not a broken one.
inline bool openssl_credentials::ended(bool pem, std::size_t count, error& words) noexcept {
    unsigned long const code = ERR_peek_last_error();
    bool const          over =
        !pem || code == 0 ||
        (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE);
    if (!over) words << "a certificate in it is broken: " << openssl_reason();
    else if (count == 0) words << "there is no certificate in it";
    ERR_clear_error();
    return over && count != 0;
}

inline bool openssl_credentials::may_be_used(X509* certificate, error& words) noexcept {
    if (test_accepted_ || !has_test_mark(certificate, mark_.get())) return true;
    words << "this is a test certificate, and those are refused outside tests";
    return false;
}

inline bool openssl_credentials::is_in_time(X509 const* certificate, error& words) noexcept {
    ASN1_TIME const* const from = X509_get0_notBefore(certificate);
    ASN1_TIME const* const until = X509_get0_notAfter(certificate);
    if (X509_cmp_current_time(until) <= 0) {
        words << "it has expired on " << day_text{until}.text;
        return false;
    }
    if (X509_cmp_current_time(from) > 0) {
        words << "it is not valid before " << day_text{from}.text;
        return false;
    }
    return true;
}

inline result<void, tls_error> openssl_credentials::trust(trust_roots const& roots) noexcept {
    tls_source const& from = tls_access::of(roots);
    error             words = about("trust roots", from);
    ERR_clear_error();
    if (from.where == tls_source::place::system) {
        if (SSL_CTX_set_default_verify_paths(context_) == 1) return {};
        words << "those of the system cannot be read: " << openssl_reason();
        return tls_error{words};
    }
    openssl_ptr<BIO> const bio = open(from, words);
    if (bio == nullptr) return tls_error{words};
    bool const        pem = is_pem(bio.get());
    X509_STORE* const store = SSL_CTX_get_cert_store(context_);
    std::size_t       count = 0;
    std::size_t       in_time = 0;
    error             late = words;
    while (openssl_ptr<X509> const root = read_one(bio.get(), pem)) {
        ++count;
        if (!may_be_used(root.get(), words)) return tls_error{words};
        if (X509_check_ca(root.get()) == 0) {
            words
                << "one of them is no authority's certificate but one of a program; the roots are "
                   "those who have signed it";
            return tls_error{words};
        }
        error told = words;
        if (is_in_time(root.get(), told)) ++in_time;
        else late = told;
        if (X509_STORE_add_cert(store, root.get()) != 1) {
            words << openssl_reason();
            return tls_error{words};
        }
    }
    if (!ended(pem, count, words)) return tls_error{words};
    // Of several, old ones may be left from the last change of the authority.
    if (in_time == 0) return tls_error{late};
    // Whose word counts is said here: also that of an authority which another one has signed.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_), X509_V_FLAG_PARTIAL_CHAIN);
    return {};
}

inline result<std::int64_t, tls_error>
openssl_credentials::identify(certificate_chain const& chain, private_key const& key) noexcept {
    tls_source const& chain_from = tls_access::of(chain);
    tls_source const& key_from = tls_access::of(key);
    ERR_clear_error();

    error            words = about("certificate", chain_from);
    openssl_ptr<BIO> bio = open(chain_from, words);
    if (bio == nullptr) return tls_error{words};
    bool              pem = is_pem(bio.get());
    openssl_ptr<X509> leaf = read_one(bio.get(), pem);
    if (leaf == nullptr) {
        (void)ended(pem, 0, words);
        return tls_error{words};
    }
    if (!may_be_used(leaf.get(), words) || !is_in_time(leaf.get(), words)) return tls_error{words};
    if (X509_check_ca(leaf.get()) != 0 &&
        X509_NAME_cmp(X509_get_subject_name(leaf.get()), X509_get_issuer_name(leaf.get())) != 0) {
        words << "the first one is an authority's; our own stands first, then those above it";
        return tls_error{words};
    }
    if (SSL_CTX_use_certificate(context_, leaf.get()) != 1) {
        words << openssl_reason();
        return tls_error{words};
    }
    std::size_t count = 1;
    while (openssl_ptr<X509> const above = read_one(bio.get(), pem)) {
        ++count;
        if (!may_be_used(above.get(), words) || !is_in_time(above.get(), words)) {
            return tls_error{words};
        }
        if (SSL_CTX_add1_chain_cert(context_, above.get()) != 1) {
            words << openssl_reason();
            return tls_error{words};
        }
    }
    if (!ended(pem, count, words)) return tls_error{words};

    words = about("key", key_from);
    bio = open(key_from, words);
    if (bio == nullptr) return tls_error{words};
    pem = is_pem(bio.get());
    // Without a function of ours OpenSSL would ask at the terminal.
    struct asked_for {
        std::string_view passphrase;
        bool             used;
    } asked{tls_access::passphrase(key), false};
    auto const give = [](char* place, int size, int, void* from) noexcept -> int {
        auto& [text, used] = *static_cast<asked_for*>(from);
        used = true;
        if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
        return static_cast<int>(text.copy(place, text.size()));
    };
    openssl_ptr<EVP_PKEY> const loaded{
        pem                        ? PEM_read_bio_PrivateKey(bio.get(), nullptr, give, &asked)
        : asked.passphrase.empty() ? d2i_PrivateKey_bio(bio.get(), nullptr)
                                   : d2i_PKCS8PrivateKey_bio(bio.get(), nullptr, give, &asked)};
    if (loaded != nullptr && !asked.used && !asked.passphrase.empty()) {
        words << "it is not encrypted, but a passphrase is given";
        return tls_error{words};
    }
    if (loaded == nullptr && !pem && asked.passphrase.empty() && rewind(bio.get())) {
        asked.used = openssl_ptr<X509_SIG>{d2i_PKCS8_bio(bio.get(), nullptr)} != nullptr;
    }
    if (loaded == nullptr) {
        if (!asked.used) words << "there is no private key in it, or a broken one";
        else if (asked.passphrase.empty())
            words << "it is encrypted, and the passphrase is not given";
        else words << "it cannot be decrypted; the passphrase is wrong, or the file is broken";
        ERR_clear_error();
        return tls_error{words};
    }
    if (X509_check_private_key(leaf.get(), loaded.get()) != 1) {
        ERR_clear_error();
        words << "it does not belong to the certificate";
        name(words, chain_from);
        return tls_error{words};
    }
    if (SSL_CTX_use_PrivateKey(context_, loaded.get()) != 1) {
        words << openssl_reason();
        return tls_error{words};
    }
    return seconds_of(X509_get0_notAfter(leaf.get()));
}

}  // namespace troupe::inline TROUPE_ABI::detail
