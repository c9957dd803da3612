/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/daemon_client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "cli/view.h"

/* Turns the answer of get_all_log_pages(true) into controllers with "log_pages". A single call, so
 * that list and pages are consistent. */
static int controllers_with_log_pages(DaemonClient *c, struct json_object **ret)
{
        _cleanup_json_ struct json_object *list = NULL, *controllers = NULL;
        int r;

        r = daemon_all_log_pages(c, true, &list);
        if (r < 0)
                return r;
        controllers = json_object_new_array();
        if (!controllers)
                return cli_oom(c->invocation);
        for (size_t i = 0; i < json_object_array_length(list); i++) {
                struct json_object *item = json_object_array_get_idx(list, i), *dc, *pages;

                if (json_get_object(item, "discovery-controller", &dc) < 0 ||
                    json_get_array(item, "log-pages", &pages) < 0)
                        continue;
                if (json_object_array_add(controllers, json_object_get(dc)) < 0 ||
                    json_object_object_add(dc, "log_pages", json_object_get(pages)) < 0)
                        return cli_oom(c->invocation);
        }
        *ret = TAKE_PTR(controllers);
        return 0;
}

static int controllers_alone(DaemonClient *c, struct json_object **ret)
{
        return daemon_list_controllers(c, true, ret);
}

static int show_status(const Invocation *i,
                       int (*get_controllers)(DaemonClient *c, struct json_object **ret))
{
        _cleanup_daemon_client_ DaemonClient c = { 0 };
        _cleanup_json_ struct json_object *info = NULL, *controllers = NULL;
        int r;

        r = daemon_client_init(&c, i);
        if (r < 0)
                return r;
        r = daemon_process_info(&c, &info);
        if (r < 0)
                return r;
        r = get_controllers(&c, &controllers);
        if (r < 0)
                return r;
        if (json_object_object_add(info, "controllers", controllers) < 0)
                return cli_oom(i);
        controllers = NULL; /* now owned by info */
        if (cli_wants_json(i))
                return output_json(i, info);
        return output_text(i, view_status(info, output_has_colour()));
}

static int run_staf_status(const Invocation *i)
{
        return show_status(i, controllers_with_log_pages);
}

static int run_stac_status(const Invocation *i)
{
        return show_status(i, controllers_alone);
}

const Verb verb_staf_status = {
        .name = "status",
        .help = "Show the state of stafd, its controllers and their log pages",
        .run = run_staf_status,
};

const Verb verb_stac_status = {
        .name = "status",
        .help = "Show the state of stacd and its controllers",
        .run = run_stac_status,
};
