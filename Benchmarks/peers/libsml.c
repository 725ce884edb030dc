/* The peer of the row `sml`: files of hexadecimal lines, parsed by libsml between their marks, as its tools do. Prints files
 * per second of processor time.
 *
 *     libsml FILE
 */
#include <sml/sml_file.h>
#include <stdio.h>
#include <time.h>

enum { file_limit = 64, byte_limit = 1024, mark = 8 };

static unsigned char files[file_limit][byte_limit];
static size_t sizes[file_limit];

static size_t read_files(const char *path) {
  FILE *input = fopen(path, "r");
  static char line[2 * byte_limit + 2];
  size_t count = 0;
  while (input && count < file_limit && fgets(line, sizeof line, input)) {
    size_t size = 0;
    unsigned byte;
    while (size < byte_limit && sscanf(line + 2 * size, "%2x", &byte) == 1) files[count][size++] = (unsigned char)byte;
    if (size > 2 * mark) sizes[count++] = size;
  }
  if (input) fclose(input);
  return count;
}

/* Whether the file has the three messages of a meter. */
static int parse(size_t index) {
  sml_file *file = sml_file_parse(files[index] + mark, sizes[index] - 2 * mark);
  int whole = file && file->messages_len == 3 && *file->messages[1]->message_body->tag == SML_MESSAGE_GET_LIST_RESPONSE;
  if (file) sml_file_free(file);
  return whole;
}

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  size_t count = argc == 2 ? read_files(argv[1]) : 0;
  if (count == 0) return 66;
  double start = seconds();
  unsigned long parsed = 0;
  while (seconds() - start < 3) {
    for (int round = 0; round < 200; round++) {
      for (size_t index = 0; index < count; index++, parsed++) {
        if (!parse(index)) return 65;
      }
    }
  }
  printf("%.0f\n", (double)parsed / (seconds() - start));
  return 0;
}
