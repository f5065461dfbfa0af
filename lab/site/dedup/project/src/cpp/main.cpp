#include <cstring>
#include <iostream>

// Measures how much of repeated data a database stores only once.
int main(int argc, char** argv) {
    if (argc > 1 && std::strcmp(argv[1], "--version") == 0) {
        std::cout << "dedup-bench 1.4.0\n";
        return 0;
    }
    std::cerr << "usage: dedup-bench --system NAME --config FILE\n";
    return 2;
}
