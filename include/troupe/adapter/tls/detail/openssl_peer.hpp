// SPDX-License-Identifier: BSL-1.0
#pragma once

// What is said of a peer: its name, and why it is not talked to. Words that are made up on the way
// are kept by the provider, so that an error may be carried about like any other; there is room for
// a number of them, so that strangers cannot fill the memory with theirs.

#include <cstddef>
#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "troupe/adapter/tls/detail/openssl_credentials.hpp"
#include "troupe/sync/spin_lock.hpp"

namespace troupe::inline TROUPE_ABI::detail {

using peer_words = fixed_words<256>;

/// Gives equal words the same place, for as long as it lives. Any thread; allocates nothing.
class kept_words {
public:
    /// The words, kept; `instead` when all places are taken. `instead` lives as long as the
    /// program.
    std::string_view keep(peer_words const& words, std::string_view instead) noexcept {
        spin_guard held{lock_};
        for (peer_words& place : places_) {
            if (place.length == 0) place = words;
            if (place.view() == words.view()) return place.view();
        }
        return instead;
    }

private:
    static constexpr std::size_t places_max = 64;

    spin_lock  lock_;  // leaf: nothing is called under it
    peer_words places_[places_max] TROUPE_GUARDED_BY(lock_);
};

inline bool is_printable(std::string_view text) noexcept {
    for (char const c : text) {
        if (c <= 0x20 || c >= 0x7f) return false;
    }
    return !text.empty() && text.size() < 256;
}

inline std::string_view text_of(ASN1_STRING const* string) noexcept {
    return {reinterpret_cast<char const*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// The first URI, else the first DNS name, of the alternative names; else the common name. A name
/// with a blank, a control byte or a letter that is not ASCII is no name.
inline peer_words name_of(X509* certificate) noexcept {
    peer_words                       found;
    openssl_ptr<GENERAL_NAMES> const names{static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int const kind : {GEN_URI, GEN_DNS}) {
        for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
            GENERAL_NAME const* const name = sk_GENERAL_NAME_value(names.get(), i);
            if (name->type != kind) continue;
            std::string_view const text = text_of(name->d.ia5);
            if (is_printable(text)) return found << text;
        }
    }
    X509_NAME* const subject = X509_get_subject_name(certificate);
    int const        at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return found;
    std::string_view const text =
        text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (is_printable(text)) found << text;
    return found;
}

/// Why a chain was not found good; empty where OpenSSL's own words must do.
constexpr std::string_view words_of_chain(int error, int depth) noexcept {
    switch (error) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return depth == 0
                       ? "tls: the certificate of the peer has expired"
                       : "tls: an authority's certificate in the chain of the peer has expired";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return depth == 0 ? "tls: the certificate of the peer is not yet valid"
                              : "tls: an authority's certificate in the chain of the peer is not "
                                "yet valid";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return "tls: the certificate of the peer is self-signed";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        case X509_V_ERR_CERT_UNTRUSTED:
            return "tls: the certificate of the peer does not come from a trust root";
        case X509_V_ERR_INVALID_PURPOSE:
            return "tls: the certificate of the peer is not meant for this side of a connection";
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK: return "tls: a certificate of the peer is too weak";
        default: return {};
    }
}

/// What the other side has said before it went; empty where OpenSSL's own words must do.
constexpr std::string_view words_of_alert(int alert) noexcept {
    switch (alert) {
        case SSL_AD_CERTIFICATE_REQUIRED:
            return "tls: the peer refuses us: it wants a certificate, and we have shown none";
        case SSL_AD_UNKNOWN_CA:
            return "tls: the peer refuses us: our certificate does not come from a root that it "
                   "trusts";
        case SSL_AD_CERTIFICATE_EXPIRED:
            return "tls: the peer refuses us: our certificate has expired, or is not yet valid";
        case SSL_AD_BAD_CERTIFICATE:
            return "tls: the peer refuses us: our certificate is not good for it";
        case SSL_AD_PROTOCOL_VERSION:
            return "tls: the peer refuses us: no version of TLS in common";
        case SSL_AD_NO_APPLICATION_PROTOCOL:
            return "tls: the peer refuses us: no protocol in common (ALPN)";
        default: return {};
    }
}

/// What went wrong in OpenSSL; empty where its own words must do.
constexpr std::string_view words_of_reason(int reason, bool from_1_3) noexcept {
    switch (reason) {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return "tls: the client has shown no certificate, and one is required";
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_WRONG_SSL_VERSION:
        case SSL_R_VERSION_TOO_LOW:
            return from_1_3 ? "tls: the peer does not speak TLS 1.3 or newer"
                            : "tls: the peer does not speak TLS 1.2 or newer";
        case SSL_R_HTTP_REQUEST:
        case SSL_R_HTTPS_PROXY_REQUEST: return "tls: not a TLS record";
        case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
        case SSL_R_BAD_RECORD_TYPE: return "tls: a record was changed on its way";
        case SSL_R_NO_SHARED_CIPHER: return "tls: no cipher in common";
        default: return {};
    }
}

}  // namespace troupe::inline TROUPE_ABI::detail
