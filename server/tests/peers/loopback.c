/*
 * Preloaded into Orthanc by the tests: this version of it has no option to choose the address it listens
 * on, and a test server must not be reachable from outside. Every bind to "any address" becomes a bind to
 * the loopback address of the same family; other addresses pass unchanged.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

typedef int (*bind_function)(int, const struct sockaddr *, socklen_t);

int bind(int socket, const struct sockaddr *address, socklen_t length)
{
    bind_function system_bind = (bind_function)dlsym(RTLD_NEXT, "bind");

    if (address != NULL && address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in local;
        memcpy(&local, address, sizeof local);
        if (local.sin_addr.s_addr == htonl(INADDR_ANY))
            local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return system_bind(socket, (const struct sockaddr *)&local, sizeof local);
    }
    if (address != NULL && address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 local;
        memcpy(&local, address, sizeof local);
        if (memcmp(&local.sin6_addr, &in6addr_any, sizeof in6addr_any) == 0)
            local.sin6_addr = in6addr_loopback;
        return system_bind(socket, (const struct sockaddr *)&local, sizeof local);
    }
    return system_bind(socket, address, length);
}
