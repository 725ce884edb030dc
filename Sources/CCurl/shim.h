#pragma once
#include <curl/curl.h>

// Only the types and constants of libcurl: the library itself is loaded when the first page is asked for.
// Swift calls no variadic functions, so there is one call of them for each kind of argument; `function` is the address of
// curl_easy_setopt or curl_easy_getinfo.
typedef size_t (*meterbridge_curl_receiver)(char *bytes, size_t size, size_t count, void *context);
typedef CURLcode (*meterbridge_curl_setter)(CURL *handle, CURLoption option, ...);
typedef CURLcode (*meterbridge_curl_getter)(CURL *handle, CURLINFO information, ...);

static inline CURLcode meterbridge_curl_set_long(void *function, CURL *handle, CURLoption option, long value) {
  return ((meterbridge_curl_setter)function)(handle, option, value);
}
static inline CURLcode meterbridge_curl_set_string(void *function, CURL *handle, CURLoption option, const char *value) {
  return ((meterbridge_curl_setter)function)(handle, option, value);
}
static inline CURLcode meterbridge_curl_set_pointer(void *function, CURL *handle, CURLoption option, void *value) {
  return ((meterbridge_curl_setter)function)(handle, option, value);
}
static inline CURLcode meterbridge_curl_set_receiver(void *function, CURL *handle, meterbridge_curl_receiver receiver) {
  return ((meterbridge_curl_setter)function)(handle, CURLOPT_WRITEFUNCTION, receiver);
}
static inline CURLcode meterbridge_curl_get_long(void *function, CURL *handle, CURLINFO information, long *value) {
  return ((meterbridge_curl_getter)function)(handle, information, value);
}
static inline CURLcode meterbridge_curl_get_string(
    void *function, CURL *handle, CURLINFO information, const char **value) {
  return ((meterbridge_curl_getter)function)(handle, information, value);
}
static inline CURLcode meterbridge_curl_get_socket(void *function, CURL *handle, curl_socket_t *value) {
  return ((meterbridge_curl_getter)function)(handle, CURLINFO_ACTIVESOCKET, value);
}
