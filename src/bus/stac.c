/* SPDX-License-Identifier: Apache-2.0 */

/* org.nvmexpress.stac. */

#include "bus/service.h"

const sd_bus_vtable bus_stac_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("list_controllers", SD_BUS_ARGS("b", detailed),
                                SD_BUS_RESULT("aa{ss}", controller_list),
                                bus_method_list_controllers, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};
