// Compiles what every test includes, once (docket_test_headers in cmake/docket.cmake); nobody runs it.
int main() { return 0; }
