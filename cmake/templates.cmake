# Every file below templates/ becomes a text of the program, found by its path with template_text().
# The generator is C because a build then needs nothing that it does not need anyway.
file(GLOB_RECURSE template_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/templates
    templates/*)
list(FILTER template_files EXCLUDE REGEX "(^|/)\\.|~$")
list(TRANSFORM template_files PREPEND ${CMAKE_SOURCE_DIR}/templates/ OUTPUT_VARIABLE template_paths)
file(WRITE ${CMAKE_BINARY_DIR}/templates.list.new "")
foreach(file IN LISTS template_files)
    file(APPEND ${CMAKE_BINARY_DIR}/templates.list.new "${file}\n")
endforeach()
file(COPY_FILE ${CMAKE_BINARY_DIR}/templates.list.new ${CMAKE_BINARY_DIR}/templates.list
    ONLY_IF_DIFFERENT)

add_executable(embed_templates cmake/embed_templates.c)
target_compile_definitions(embed_templates PRIVATE _POSIX_C_SOURCE=200809L)
add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/templates.c
    COMMAND embed_templates ${CMAKE_SOURCE_DIR}/templates ${CMAKE_BINARY_DIR}/templates.list
            ${CMAKE_BINARY_DIR}/templates.c
    DEPENDS embed_templates ${CMAKE_BINARY_DIR}/templates.list ${template_paths}
    COMMENT "Embedding templates/"
    VERBATIM)
add_library(templates STATIC ${CMAKE_BINARY_DIR}/templates.c cmake/include/templates.h)
target_include_directories(templates PUBLIC cmake/include)
target_link_libraries(templates PRIVATE pgcharter_flags)
