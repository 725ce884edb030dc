#pragma once
#include <curl/curl.h>

// Swift calls no variadic functions: one setter or getter for each kind of argument. The parentheses go around the
// macros of the same names, which check types that only a C compiler sees.
typedef size_t (*meterbridge_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode meterbridge_curl_set_long(CURL *handle, CURLoption option, long value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode meterbridge_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode meterbridge_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode meterbridge_curl_set_receiver(CURL *handle, meterbridge_curl_receiver receiver) {
  return (curl_easy_setopt)(handle, CURLOPT_WRITEFUNCTION, receiver);
}
static inline CURLcode meterbridge_curl_get_long(CURL *handle, CURLINFO information, long *value) {
  return (curl_easy_getinfo)(handle, information, value);
}
static inline CURLcode meterbridge_curl_get_string(CURL *handle, CURLINFO information, const char **value) {
  return (curl_easy_getinfo)(handle, information, value);
}
