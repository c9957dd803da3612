/* SPDX-License-Identifier: Apache-2.0 */

/* Replays files through a fuzzer's entry point where libFuzzer is not linked in. Arguments are
 * files or folders. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
        FILE *f = fopen(path, "re");
        if (!f) {
                perror(path);
                return -1;
        }
        (void) fseek(f, 0, SEEK_END);
        long size = ftell(f);
        rewind(f);
        /* Exactly as large as the input, so that a sanitizer sees one byte too many. */
        uint8_t *data = malloc(size > 0 ? (size_t) size : 1);
        size_t n = data && size > 0 ? fread(data, 1, (size_t) size, f) : 0;
        (void) fclose(f);
        if (!data)
                return -1;
        (void) LLVMFuzzerTestOneInput(data, n);
        free(data);
        return 1;
}

static int replay(const char *path)
{
        struct stat st;
        if (stat(path, &st) < 0) {
                perror(path);
                return -1;
        }
        if (!S_ISDIR(st.st_mode))
                return replay_file(path);

        struct dirent **names;
        int n = scandir(path, &names, NULL, alphasort), n_done = 0;
        for (int i = 0; i < n; i++) {
                char file[4096];
                (void) snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
                if (names[i]->d_name[0] != '.') {
                        int r = replay_file(file);
                        n_done = r < 0 || n_done < 0 ? -1 : n_done + r;
                }
                free(names[i]);
        }
        if (n >= 0)
                free(names);
        return n < 0 ? -1 : n_done;
}

int main(int argc, char **argv)
{
        int n_inputs = 0;
        for (int i = 1; i < argc; i++) {
                int r = replay(argv[i]);
                if (r < 0)
                        return EXIT_FAILURE;
                n_inputs += r;
        }
        (void) printf("%d inputs\n", n_inputs);
        return n_inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* an empty corpus tests nothing */
}
