#pragma once
#include <string.h>
#include <microhttpd.h>

// Only the types and constants of libmicrohttpd: the library itself is loaded when a configuration has a section `http`.
// Numbers and structures are the same from 0.9.75 to 1.0: both are libmicrohttpd.so.12.
// Swift calls no variadic functions, so there is one call of them for each use; `function` is the address of the library's.

struct meterbridge_http_options {
  int listening;             // a socket that listens; the library closes it
  unsigned int connections;  // at a time
  unsigned int idle;         // seconds without a byte
  size_t memory;             // bytes of a request's head
  void *context;             // the first argument of all functions below
  MHD_AccessHandlerCallback request;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
};

// It would write on standard error what clients make it say.
static inline void meterbridge_http_silence(void *context, const char *format, va_list words) {
  (void)context, (void)format, (void)words;
}

// Escapes stay: they are decoded, and refused, with the other checks.
static inline size_t meterbridge_http_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context, (void)connection;
  return strlen(text);
}

typedef struct MHD_Daemon *(*meterbridge_http_starter)(
    unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback policy, void *policyContext,
    MHD_AccessHandlerCallback request, void *context, ...);
typedef const union MHD_DaemonInfo *(*meterbridge_http_daemon)(struct MHD_Daemon *, enum MHD_DaemonInfoType, ...);
typedef const union MHD_ConnectionInfo *(*meterbridge_http_connection)(
    struct MHD_Connection *, enum MHD_ConnectionInfoType, ...);

static inline struct MHD_Daemon *meterbridge_http_start(void *function, const struct meterbridge_http_options *options) {
  return ((meterbridge_http_starter)function)(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE, 0, NULL, NULL, options->request, options->context,
      MHD_OPTION_EXTERNAL_LOGGER, meterbridge_http_silence, NULL,
      MHD_OPTION_LISTEN_SOCKET, options->listening,
      MHD_OPTION_CONNECTION_LIMIT, options->connections,
      MHD_OPTION_CONNECTION_TIMEOUT, options->idle,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->memory,
      MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
      MHD_OPTION_NOTIFY_CONNECTION, options->connection, options->context,
      MHD_OPTION_UNESCAPE_CALLBACK, meterbridge_http_keep, NULL,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
      MHD_OPTION_END);
}

// The epoll descriptor; -1 without one.
static inline int meterbridge_http_epoll(void *function, struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *found = ((meterbridge_http_daemon)function)(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return found ? found->epoll_fd : -1;
}

// The socket of a client; -1 without one.
static inline int meterbridge_http_socket(void *function, struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *found =
      ((meterbridge_http_connection)function)(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return found ? found->connect_fd : -1;
}

// What `MHD_NotifyConnectionCallback` left for a connection.
static inline void *meterbridge_http_context(void *function, struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *found =
      ((meterbridge_http_connection)function)(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return found ? found->socket_context : NULL;
}
