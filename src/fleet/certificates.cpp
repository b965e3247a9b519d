#include "fleet/certificates.hpp"

#include <algorithm>
#include <memory>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <optional>

namespace gw::fleet {

namespace {

template <auto free> struct Free {
    template <class T> void operator()(T* what) const { free(what); }
};
using File = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

std::optional<WallTime> end_of(const X509& certificate) {
    std::tm broken_down{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &broken_down) != 1) {
        return std::nullopt;
    }
    return from_utc(broken_down);
}

} // namespace

Result<WallTime> end_of_certificates(const std::string& file) {
    const File pem(BIO_new_file(file.c_str(), "r"));
    std::optional<WallTime> first;
    while (const auto certificate = Certificate(
               pem ? PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr) : nullptr)) {
        const auto end = end_of(*certificate);
        first = end ? std::min(first.value_or(*end), *end) : first;
    }
    return first ? Result<WallTime>(*first)
                 : fail(Errc::bad_config, pem ? "it has no certificate" : "it cannot be read");
}

} // namespace gw::fleet
