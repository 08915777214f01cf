// SPDX-License-Identifier: BSL-1.0

#include "troupe/remote/node.hpp"

#include <utility>

#include "adapter/support.hpp"
#include "troupe/remote/secured.hpp"
#include "troupe/remote/tcp_transport.hpp"
#include "troupe/system.hpp"

namespace test_node_tls {

using namespace adapter_tests;
using tls = secured<tcp_transport, openssl_tls>;

struct add {
    int a;
    int b;
};
class adder {
public:
    using protocol = troupe::protocol<int(add)>;
    int on(add m) { return m.a + m.b; }
};

TEST_CASE("an actor is asked over TLS, as any other") {
    troupe::system there;
    troupe::system here;
    node<tls>      server{there,
                          {.listen = "tls://127.0.0.1:0"},
                     tls{tcp_transport{there.reactor()}, openssl_tls{files{"node"}.server()}}};
    server.expose("adder", there.spawn<adder>());
    node<tls> client{here, {}, tls{tcp_transport{here.reactor()}, good_client()}};
    auto      remote = client.resolve<adder>(server.bound().text(), "adder");
    CHECK(remote.ask(add{2, 3}).get() == 5);
}

}  // namespace test_node_tls
